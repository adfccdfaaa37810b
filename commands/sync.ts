import { Flags } from '@oclif/core'
import { planSync, type SyncRequest, type SyncSummary, syncOnce } from '../src/app/sync.js'
import { newStats } from '../src/app/watch.js'
import { countOf } from '../src/cli/amounts.js'
import { EfsCommand, type GlobalFlags } from '../src/cli/base-command.js'
import { AUTH_FLAG, at, authFrom, bytesOf, countFrom, required } from '../src/cli/flags.js'
import { withProgress } from '../src/cli/progress.js'
import { maxDeleteOf } from '../src/cli/sync-flags.js'
import { notKeptText, summaryJson, summaryText } from '../src/cli/sync-text.js'
import type { Parked } from '../src/model/endpoint.js'
import type { Settled } from '../src/model/transfer.js'

export default class Sync extends EfsCommand<undefined> {
  static override summary = 'make DST like SRC, once'
  static override description =
    'One side is a bucket, here or at a gateway, the other a bucket or a directory. What is there already does not move.'
  static override examples = [
    '<%= config.bin %> sync ./photos Hawaii/Cola/bk1',
    '<%= config.bin %> sync Hawaii/Cola/bk1 segment:/srv/other#Hawaii/Cola/bk1',
    '<%= config.bin %> sync Hawaii/Cola/bk1/2019/ ./2019 --delete',
  ]
  static override args = {
    src: required('where from: a bucket, segment:/home#bucket, ccow://host/bucket, or a directory'),
    dst: required('where to'),
  }
  static override flags = {
    delete: Flags.boolean({ summary: 'delete at DST what SRC lacks' }),
    'max-delete': Flags.string({ helpValue: 'N|N%', summary: 'stop before deleting more' }),
    force: Flags.boolean({ summary: 'no guard against deleting too much' }),
    'dry-run': Flags.boolean({ summary: 'print the plan, write nothing' }),
    checksum: Flags.boolean({ summary: 'compare by reading, whatever sizes and times say' }),
    bwlimit: Flags.string({ helpValue: 'RATE', summary: 'at most so many bytes a second, 10M' }),
    jobs: Flags.string({ helpValue: 'N', summary: 'parcels in flight; 16 when not given' }),
    at: at(),
    ...AUTH_FLAG,
  }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(Sync)
    const request: SyncRequest = {
      from: args.src,
      to: args.dst,
      policy: { deleteExtra: flags.delete, checksum: flags.checksum },
      guard: { force: flags.force, ...maxDeleteOf(flags['max-delete']) },
      ...(flags.bwlimit === undefined ? {} : { bandwidth: bytesOf(flags.bwlimit, 'bwlimit') }),
      ...(flags.jobs === undefined ? {} : { jobs: countFrom(flags.jobs, 'jobs') }),
      ...(flags.at === undefined ? {} : { atMs: flags.at }),
      ...authFrom(flags),
    }
    await (flags['dry-run'] ? this.plan(request, flags) : this.transfer(request, flags))
    return undefined
  }

  protected override text(): string {
    return ''
  }

  private async plan(request: SyncRequest, flags: GlobalFlags): Promise<void> {
    const count = { copy: 0, delete: 0 }
    const parked = await planSync(this.app(flags), request, this.signal, async (steps) => {
      const lines = steps.flatMap(({ kind, key }) => {
        if (kind === 'keep') return []
        count[kind]++
        return [this.json ? `${JSON.stringify({ type: 'step', step: kind, key })}\n` : `${kind} ${key}\n`]
      })
      await this.out(lines.join(''))
    })
    this.tellParked(parked)
    await this.event({ type: 'summary', ...count, parked: parked.length })
  }

  private async transfer(request: SyncRequest, flags: GlobalFlags): Promise<void> {
    const stats = newStats()
    const settled = this.json ? (what: Settled) => this.tellObject(what) : () => undefined
    const work = (): Promise<SyncSummary> => syncOnce(this.app(flags), request, { stats, settled, signal: this.signal })
    const summary = await withProgress(stats, this.screen.live && !this.quiet && !this.json, work)
    for (const what of summary.notKept) this.note(notKeptText(what))
    this.tellParked(summary.parked)
    this.note(`${summary.parked.length > 0 ? this.screen.no : this.screen.yes} ${summaryText(summary)}`)
    await this.event(summaryJson(summary))
  }

  /** A folder is no object; that one was left out is told all the same. */
  private tellObject(what: Settled): void {
    if (!what.key.endsWith('/') || what.status === 'parked') void this.event({ type: 'object', ...what })
  }

  /** What was left out is an error, so it is told also where talk is not wanted. */
  private tellParked(parked: readonly Parked[]): void {
    if (parked.length === 0) return
    this.ends(4)
    if (this.json) return
    for (const { key, why } of parked) process.stderr.write(`efs: left out ${key}: ${why}\n`)
    process.stderr.write(`     ${countOf(parked.length, 'object')} left out; mend the cause and run it again\n`)
  }
}
