import { boolean, string } from '@oclif/core/flags'
import { makePlan } from '../../app/plan/make.js'
import type { SyncRequest, SyncSummary } from '../../app/sync/sync.js'
import { newStats, type Watch } from '../../app/watch.js'
import { countOf } from '../../base/counts.js'
import { notKeptText, type Parked } from '../../model/endpoint.js'
import type { PlannedStep } from '../../model/plan.js'
import type { Settled } from '../../model/transfer.js'
import { FILTER_FLAGS, type FilterParsed, filterFrom } from '../flags/filter.js'
import { AUTH_FLAG, at, authFrom, required, S3_FLAG } from '../flags/flags.js'
import { maxDeleteOf } from '../flags/sync.js'
import { bandwidthFrom, jobsFrom } from '../flags/transfer.js'
import { withProgress } from '../screen/progress.js'
import { PLAIN_SCREEN } from '../screen/screen.js'
import type { Settings } from '../settings/settings.js'
import { planSummaryText, stepText } from '../text/plan.js'
import { summaryJson, summaryText } from '../text/sync.js'
import { visible } from '../text/visible.js'
import { EfsCommand, type GlobalFlags } from './base.js'

/** The arguments of `sync` and `plan`. The parser reads only a command's own, so each names them. */
export const SYNC_ARGS = {
  src: required('where from: a bucket, segment:/home#bucket, ccow://host/bucket, s3://bucket, or a directory'),
  dst: required('where to'),
}
export const RUN_FLAGS = {
  bwlimit: string({ helpValue: 'RATE', summary: 'at most so many bytes a second, 10M; none' }),
  jobs: string({ helpValue: 'N', summary: 'parcels in flight; 8 when not given' }),
  ...AUTH_FLAG,
  ...S3_FLAG,
}
export const SYNC_FLAGS = {
  delete: boolean({ summary: 'delete at DST what SRC lacks', default: false }),
  'max-delete': string({ helpValue: 'N|N%', summary: 'stop before deleting more' }),
  force: boolean({ summary: 'no guard against deleting too much', default: false }),
  checksum: boolean({ summary: 'compare by reading, whatever sizes and times say', default: false }),
  at: at(),
  ...FILTER_FLAGS,
  ...RUN_FLAGS,
}

interface RunFlags {
  readonly bwlimit?: string | undefined
  readonly jobs?: string | undefined
  readonly 'auth-file'?: string | undefined
}

interface SyncParsed extends FilterParsed {
  readonly args: { readonly src: string; readonly dst: string }
  readonly flags: FilterParsed['flags'] &
    RunFlags & {
      readonly delete: boolean
      readonly 'max-delete'?: string | undefined
      readonly force: boolean
      readonly checksum: boolean
      readonly at?: number | undefined
    }
}

/** @throws USAGE, NOT_FOUND, IO */
export const waysFrom = (flags: RunFlags, settings: Settings): Pick<SyncRequest, 'bandwidth' | 'jobs' | 'auth'> => ({
  ...bandwidthFrom(flags.bwlimit, settings),
  ...jobsFrom(flags.jobs, settings),
  ...authFrom(flags),
})

/** @throws USAGE, NOT_FOUND, IO */
export const requestFrom = (parsed: SyncParsed, settings: Settings): SyncRequest => {
  const { args, flags } = parsed
  return {
    from: args.src,
    to: args.dst,
    policy: { deleteExtra: flags.delete, checksum: flags.checksum },
    guard: { force: flags.force, ...maxDeleteOf(flags['max-delete']) },
    ...(flags.at === undefined ? {} : { atMs: flags.at }),
    ...filterFrom(parsed),
    ...waysFrom(flags, settings),
  }
}

/** What `sync`, `plan` and `apply` share. */
export abstract class SyncCommand extends EfsCommand<undefined> {
  protected override readonly streams = true

  protected override text(): string {
    return ''
  }

  /** As lines, or as one document. */
  protected async plan(request: SyncRequest, flags: GlobalFlags): Promise<void> {
    const line = (step: PlannedStep): string => stepText({ ...step, key: this.shown(step.key) })
    const end = await this.busy('planning', () =>
      makePlan(this.app(flags), request, this.signal, {
        head: async (head) => this.list.begin(head, 'steps'),
        steps: (steps) => (this.json ? this.list.add(steps) : this.out(steps.map(line).join(''))),
      }),
    )
    if (this.json) await this.list.end(end)
    this.tellParked(end.parked)
    this.note(planSummaryText(end.summary))
    if (request.policy.checksum && end.summary.puts > 0)
      this.note('--checksum reads all of these, and puts those that differ')
  }

  protected async transfer(run: (watch: Watch) => Promise<SyncSummary>): Promise<void> {
    const stats = newStats()
    const settled = this.json ? (what: Settled) => this.tellObject(what) : () => undefined
    const work = (): Promise<SyncSummary> => run({ stats, settled, signal: this.signal })
    const summary = await withProgress(stats, this.quiet || this.json ? PLAIN_SCREEN : this.screen, work)
    for (const what of summary.notKept) this.note(visible(notKeptText(what)))
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
    for (const { key, why } of parked) process.stderr.write(`efs: left out ${visible(`${key}: ${why}`)}\n`)
    process.stderr.write(`     ${countOf(parked.length, 'object')} left out; mend the cause and run it again\n`)
  }
}
