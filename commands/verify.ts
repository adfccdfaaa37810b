import { boolean } from '@oclif/core/flags'
import { type Difference, verify } from '../src/app/sync/verify.js'
import { countOf } from '../src/base/counts.js'
import { EfsCommand } from '../src/cli/command/base.js'
import { FILTER_FLAGS, filterFrom } from '../src/cli/flags/filter.js'
import { AUTH_FLAG, authFrom, required, S3_FLAG } from '../src/cli/flags/flags.js'
import { bytesText, digestText } from '../src/cli/text/amounts.js'
import { visible } from '../src/cli/text/visible.js'

export default class Verify extends EfsCommand<undefined> {
  static override summary = 'prove that two sides are equal, or name what differs'
  static override description =
    'Content is compared by digests, and key by key where those differ. Exit 0: equal, 1: different, 4: something could not be read, so nothing is proven.'
  static override examples = [
    '<%= config.bin %> verify ./photos Hawaii/Cola/bk1',
    '<%= config.bin %> verify Hawaii/Cola/bk1 segment:/srv/other#Hawaii/Cola/bk1',
  ]
  static override args = { a: required('one side'), b: required('the other') }
  static override flags = {
    metadata: boolean({ summary: 'mode, times and extended attributes too' }),
    strict: boolean({ summary: 'entry by entry, whatever the digests say' }),
    ...FILTER_FLAGS,
    ...AUTH_FLAG,
    ...S3_FLAG,
  }

  protected override readonly streams = true
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const parsed = await this.parse(Verify)
    const { args, flags } = parsed
    this.list.begin({}, 'found')
    const request = {
      ...args,
      metadata: flags.metadata,
      strict: flags.strict,
      ...filterFrom(parsed),
      ...authFrom(flags),
    }
    const verdict = await this.busy('comparing', () =>
      verify(this.app(flags), request, this.signal, (page) =>
        this.json
          ? this.list.add(page)
          : this.out(page.map((one) => `${differenceText(one.what, this.shown(one.key))}\n`).join('')),
      ),
    )
    const { differences, parked, objects, bytes, digest } = verdict
    for (const { key, why } of parked)
      if (!this.json) process.stderr.write(`efs: cannot tell about ${visible(`${key}: ${why}`)}\n`)
    const told = digest === undefined ? '' : `, digest ${digestText(digest, this.screen.more)}`
    if (differences > 0) this.note(`${this.screen.no} ${countOf(differences, 'difference')}`)
    else if (parked.length > 0)
      this.note(`${this.screen.no} no difference found, but ${countOf(parked.length, 'object')} could not be read`)
    else this.note(`${this.screen.yes} equal: ${countOf(objects, 'object')}, ${bytesText(bytes)}${told}`)
    this.ends(parked.length > 0 ? 4 : differences > 0 ? 1 : 0)
    if (this.json) await this.list.end({ equal: differences === 0 && parked.length === 0, ...verdict })
    return undefined
  }

  protected override text(): string {
    return ''
  }
}

function differenceText(what: Difference['what'], key: string): string {
  return what === 'only in A' || what === 'only in B' ? `${what}: ${key}` : `differs: ${key} (${what})`
}
