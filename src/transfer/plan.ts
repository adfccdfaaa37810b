import type { Baseline } from '../model/baseline.js'
import type { CallOptions, Lister, Parked, Sink } from '../model/endpoint.js'
import type { Filter } from '../model/filter.js'
import { isFolderKey } from '../model/key.js'
import type { Stats } from '../model/stats.js'
import type { Step, TransferPolicy } from '../model/transfer.js'
import { decide } from './decide.js'
import { ExtraFolders } from './extra-folders.js'
import { mergeJoin, noPages } from './merge-join.js'
import { Unknown } from './unknown.js'

export interface Plan extends CallOptions {
  readonly source: Lister
  readonly sink: Pick<Sink, 'list' | 'plain'>
  readonly baseline?: Baseline
  readonly policy: TransferPolicy
  /** The source as it was then, milliseconds since 1970. */
  readonly atMs?: number
  /** What it leaves out is left alone at both sides. */
  readonly filter?: Filter
  /** Left out as what a side could not look at. */
  readonly leftOut?: readonly Parked[]
  /** Counts what the source lists. */
  readonly stats?: Stats
}

/**
 * What a run will do, in key order, a page at a time; nothing is touched. In a plain sink the
 * delete of a folder comes after those of what it holds. What a side could not look at is handed to `parked`, and nothing is inferred about it or anything below it.
 */
export async function* planTransfer(plan: Plan, parked: (what: Parked) => void): AsyncGenerator<readonly Step[]> {
  const unknown = new Unknown()
  const leaveOut = toldOf(plan, (what) => {
    unknown.add(what)
    parked(what)
  })
  for (const what of plan.leftOut ?? []) leaveOut(what)
  const { here, there, base } = listings(plan, leaveOut)
  const leavesAlone = plan.filter?.pass() ?? (() => false)
  // A folder has to stay where something in it is left alone, so that its delete waits for what comes below it.
  const holds = plan.sink.plain || plan.filter !== undefined
  const extra = new ExtraFolders()
  for await (const page of mergeJoin(here, there, base)) {
    const steps: Step[] = []
    for (const { key, left, right, base: row } of page) {
      if (leavesAlone(key, left, right)) {
        steps.push(...extra.pass(key, right !== undefined && right.kind !== 'deleted'))
        continue
      }
      if (left !== undefined && left.kind !== 'folder') {
        plan.stats?.add('objectsLooked', 1)
        plan.stats?.add('bytesLooked', left.size)
      }
      if (right !== undefined && right.kind !== 'folder') plan.stats?.add('objectsThere', 1)
      if (left === undefined && right === undefined) continue
      const isUnknown = unknown.covers(key)
      steps.push(...extra.pass(key, isUnknown || (left !== undefined && left.kind !== 'deleted')))
      if (isUnknown) continue
      const step = decide(key, left, right, row, plan.policy)
      if (step.kind === 'delete' && holds && isFolderKey(key)) extra.hold(step)
      else steps.push(step)
    }
    yield steps
  }
  const last = extra.end()
  if (last.length > 0) yield last
}

/** What a filter leaves alone is not told of. */
function toldOf({ filter }: Plan, parked: (what: Parked) => void) {
  const pass = filter?.pass()
  return (what: Parked): void => {
    if (pass?.(what.key, undefined, undefined) !== true) parked(what)
  }
}

function listings(plan: Plan, told: (what: Parked) => void) {
  const { source, sink, baseline, policy, filter, atMs } = plan
  const signal = plan.signal === undefined ? {} : { signal: plan.signal }
  const skips = filter === undefined ? {} : { skips: filter.skips }
  return {
    here: source.list({ ...signal, ...skips, ...(atMs === undefined ? {} : { atMs }) }, told),
    // What is left alone keeps the folders that it is in, so it has to be seen where folders may go.
    there: sink.list(policy.deleteExtra ? signal : { ...signal, ...skips }, told),
    base: baseline === undefined || policy.checksum ? noPages() : baseline.scan(signal),
  }
}
