import { Flags } from '@oclif/core'
import { type Difference, type Verdict, verify } from '../src/app/verify.js'
import { bytesText, countOf, digestText } from '../src/cli/amounts.js'
import { EfsCommand } from '../src/cli/base-command.js'
import { AUTH_FLAG, authFrom, required } from '../src/cli/flags.js'

interface Answer extends Verdict {
  readonly equal: boolean
  readonly found: readonly Difference[]
}

export default class Verify extends EfsCommand<Answer> {
  static override summary = 'prove that two sides are equal, or name what differs'
  static override description = 'Exit 0: equal, 1: different, 4: something could not be read, so nothing is proven.'
  static override examples = [
    '<%= config.bin %> verify ./photos Hawaii/Cola/bk1',
    '<%= config.bin %> verify Hawaii/Cola/bk1 segment:/srv/other#Hawaii/Cola/bk1',
  ]
  static override args = { a: required('one side'), b: required('the other') }
  static override flags = {
    metadata: Flags.boolean({ summary: 'mode, times and extended attributes too' }),
    strict: Flags.boolean({ summary: 'entry by entry, whatever the digests say' }),
    ...AUTH_FLAG,
  }

  protected override async work(): Promise<Answer> {
    const { args, flags } = await this.parse(Verify)
    const found: Difference[] = []
    const verdict = await verify(
      this.app(flags),
      { ...args, ...flags, ...authFrom(flags) },
      this.signal,
      async (page) => {
        if (this.json) found.push(...page)
        else await this.out(page.map((one) => `${differenceText(one)}\n`).join(''))
      },
    )
    const { differences, parked, objects, bytes, digest } = verdict
    for (const { key, why } of parked) if (!this.json) process.stderr.write(`efs: cannot tell about ${key}: ${why}\n`)
    const told = digest === undefined ? '' : `, digest ${digestText(digest)}`
    if (differences > 0) this.note(`${this.screen.no} ${countOf(differences, 'difference')}`)
    else if (parked.length > 0)
      this.note(`${this.screen.no} no difference found, but ${countOf(parked.length, 'object')} could not be read`)
    else this.note(`${this.screen.yes} equal: ${countOf(objects, 'object')}, ${bytesText(bytes)}${told}`)
    this.ends(parked.length > 0 ? 4 : differences > 0 ? 1 : 0)
    return { equal: differences === 0 && parked.length === 0, ...verdict, found }
  }

  protected override text(): string {
    return ''
  }
}

function differenceText({ key, what }: Difference): string {
  return what === 'only in A' || what === 'only in B' ? `${what}: ${key}` : `differs: ${key} (${what})`
}
