import type { Baseline, CallOptions, Lister, Parked, Sink } from '../model/endpoint.js'
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
  /** Counts what the source lists. */
  readonly stats?: Stats
}

/**
 * What a run will do, in key order, a page at a time; nothing is touched. In a plain sink the
 * delete of a folder comes after those of what it holds. What a side could not look at is handed to `parked`, and nothing is inferred about it or anything below it.
 */
export async function* planTransfer(plan: Plan, parked: (what: Parked) => void): AsyncGenerator<readonly Step[]> {
  const unknown = new Unknown()
  const told = (what: Parked): void => {
    unknown.add(what.key)
    parked(what)
  }
  const signal = plan.signal === undefined ? {} : { signal: plan.signal }
  const here = plan.source.list({ ...signal, ...(plan.atMs === undefined ? {} : { atMs: plan.atMs }) }, told)
  const there = plan.sink.list(signal, told)
  const base = plan.baseline === undefined || plan.policy.checksum ? noPages() : plan.baseline.scan(signal)
  const extra = new ExtraFolders()
  for await (const page of mergeJoin(here, there, base)) {
    const steps: Step[] = []
    for (const { key, left, right, base: row } of page) {
      if (left !== undefined && left.kind !== 'folder') {
        plan.stats?.add('objectsLooked', 1)
        plan.stats?.add('bytesLooked', left.size)
      }
      if (left === undefined && right === undefined) continue
      const isUnknown = unknown.covers(key)
      steps.push(...extra.pass(key, isUnknown || (left !== undefined && left.kind !== 'deleted')))
      if (isUnknown) continue
      const step = decide(key, left, right, row, plan.policy)
      if (step.kind === 'delete' && plan.sink.plain && isFolderKey(key)) extra.hold(step)
      else steps.push(step)
    }
    yield steps
  }
  const last = extra.end()
  if (last.length > 0) yield last
}
