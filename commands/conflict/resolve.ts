import { option } from '@oclif/core/flags'
import { KEEPS, type Resolved, resolveConflicts } from '../../src/app/objects/resolving.js'
import { countOf, countText } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { match, required } from '../../src/cli/flags/flags.js'
import { shortGuid } from '../../src/model/ids.js'

type Count = Readonly<Record<Resolved['type'], number>>

export default class ConflictResolve extends EfsCommand<undefined> {
  static override summary = 'end conflicts: choose the version to keep'
  static override description =
    'Of the content that is kept one version is made that descends from all others; none of them is lost. ' +
    'Without a key and without --match it resolves all of the bucket. What cannot be resolved is left and told; then it ends with 4. ' +
    'ours: the latest version that this segment wrote; theirs: the latest of another segment; newer: the head.'
  static override examples = [
    '<%= config.bin %> conflict resolve Hawaii/Cola/bk1/report.pdf --keep theirs',
    "<%= config.bin %> conflict resolve Hawaii/Cola/bk1 --keep newer --match '*.log'",
  ]
  static override args = { path: required('Hawaii/Cola/bk1, or one object of it') }
  static override flags = {
    keep: option({ options: KEEPS, required: true, helpValue: 'WHICH', summary: 'ours, theirs or newer' })(),
    match: match(),
  }

  protected override readonly streams = true
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ConflictResolve)
    const request = {
      path: args.path,
      keep: flags.keep,
      ...(flags.match === undefined ? {} : { match: flags.match }),
    }
    const count: Record<Resolved['type'], number> = { resolved: 0, left: 0 }
    let last: Resolved | undefined
    await resolveConflicts(this.app(flags), request, this.signal, async (page) => {
      for (const one of page) {
        count[one.type]++
        last = one
        await this.event({ ...one })
        if (one.type === 'left' && !this.json) process.stderr.write(`efs: left ${one.path}: ${one.why}\n`)
      }
    })
    await this.event({ type: 'summary', ...count })
    if (count.left > 0) this.ends(4)
    const line = said(args.path, count, last)
    if (line !== undefined) this.note(line)
    return undefined
  }

  protected override text(): string {
    return ''
  }
}

function said(path: string, { resolved, left }: Count, last: Resolved | undefined): string | undefined {
  if (last === undefined) return `no conflict in ${path}: nothing to do`
  if (resolved + left > 1) return `resolved ${countOf(resolved, 'conflict')} of ${path}, ${countText(left)} left`
  if (last.type === 'left') return undefined
  return `resolved ${last.path}: kept ${last.kept.slice(0, 16)} of ${shortGuid(last.segment)}`
}
