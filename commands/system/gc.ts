import { boolean, string } from '@oclif/core/flags'
import { collectGarbage, type GcRequest } from '../../src/app/system/system.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { bytesOf, shareFrom, time } from '../../src/cli/flags/flags.js'
import { rateFrom } from '../../src/cli/flags/transfer.js'
import { NO_LIMIT } from '../../src/cli/settings/rules.js'
import { bytesText } from '../../src/cli/text/amounts.js'
import { rowsText } from '../../src/cli/text/rows.js'
import type { CollectReport, Tally } from '../../src/model/segment.js'

const MAX_UNUSED = '5'

export default class SystemGc extends EfsCommand<CollectReport & { readonly dryRun: boolean }> {
  static override summary = 'free the bytes that nothing needs any more'
  static override description =
    'What nothing needs is condemned by one run and deleted by the next, unless something needs it by then; others may read and write meanwhile. Packs with many dead bytes are written anew.'
  static override examples = [
    '<%= config.bin %> system gc --dry-run',
    '<%= config.bin %> system gc --forget-deletes-before 90d',
  ]
  static override flags = {
    'dry-run': boolean({ summary: 'say what a run would do; nothing is changed', default: false }),
    'forget-deletes-before': time('deletes of before are forgotten, with the versions under them'),
    'max-unused': string({
      helpValue: 'PERCENT',
      default: MAX_UNUSED,
      summary: 'at most so much of all packs stays dead',
    }),
    'max-extra': string({ helpValue: 'SIZE', summary: 'room that a pack may need beside it while it is written anew' }),
    bwlimit: string({ helpValue: 'RATE', summary: 'bytes a second that are written anew, 10M; none' }),
  }

  protected override async work(): Promise<CollectReport & { readonly dryRun: boolean }> {
    const { flags } = await this.parse(SystemGc)
    const request: GcRequest = {
      dryRun: flags['dry-run'],
      deadShareMax: shareFrom(flags['max-unused'], 'max-unused'),
      ...(flags['forget-deletes-before'] === undefined ? {} : { forgetBeforeMs: flags['forget-deletes-before'] }),
      ...(flags['max-extra'] === undefined ? {} : { extraBytesMax: bytesOf(flags['max-extra'], 'max-extra') }),
      ...rateFrom(flags.bwlimit ?? NO_LIMIT),
    }
    const report = await this.busy('collecting', () => collectGarbage(this.app(flags), request, this.signal))
    this.note(`${this.screen.yes} ${summaryOf(report, request.dryRun)}`)
    return { dryRun: request.dryRun, ...report }
  }

  protected override text({ kept, ...report }: CollectReport): string {
    const { live, young, pardoned, condemned, deleted, packs, freedBytes } = report
    const rows: [string, string][] = [
      ['expired', countOf(report.expired, 'object')],
      ['pruned', countOf(report.pruned, 'version')],
      ['forgotten', countOf(report.forgotten, 'delete')],
      ...Object.entries({ live, young, pardoned, condemned, deleted }).map(([name, tally]): [string, string] => [
        name,
        tallyText(tally),
      ]),
      ['freed', bytesText(freedBytes)],
      ['packs', `${packs.after}, ${packs.rewritten} written anew`],
      ...kept.map(({ bytes, why }): [string, string] => ['kept', `${bytesText(bytes)} ${why}`]),
    ]
    return rowsText(rows)
  }
}

const tallyText = ({ chunks, bytes }: Tally): string => `${countOf(chunks, 'chunk')}, ${bytesText(bytes)}`

function summaryOf({ deleted, condemned, packs, freedBytes }: CollectReport, dryRun: boolean): string {
  const freed = `${bytesText(freedBytes)}: ${countOf(deleted.chunks, 'chunk')} deleted, ${countOf(packs.rewritten, 'pack')} written anew`
  const later = condemned.chunks === 0 ? '' : `; the next run deletes ${countOf(condemned.chunks, 'chunk')} more`
  return `${dryRun ? 'would free' : 'freed'} ${freed}${later}`
}
