import { countOf, countText } from '../base/counts.js'
import { EfsError } from '../base/errors.js'
import type { Sink } from '../model/endpoint.js'
import type { Guard, Step } from '../model/transfer.js'

/** What a plan would do, counted; folders are not objects. */
export interface PlanCounts {
  /** Live objects of the source. */
  readonly source: number
  /** Live objects of the sink. */
  readonly sink: number
  readonly deletes: number
  /** Objects that the sink does not have. */
  readonly creates: number
  /** Steps that delete, folders too. */
  readonly deleteSteps: number
  /** What is more than an object and would be deleted. */
  readonly whole?: string
}

const SHARE_MAX = 0.5
const SHARE_FROM_OBJECTS = 100

/** `wholeOf` as in `Sink`. */
export async function countPlan(
  steps: AsyncIterable<readonly Step[]>,
  wholeOf: NonNullable<Sink['wholeOf']> = () => undefined,
): Promise<PlanCounts> {
  const counts = { source: 0, sink: 0, deletes: 0, creates: 0, deleteSteps: 0 }
  let whole: string | undefined
  for await (const page of steps) {
    for (const step of page) {
      if (step.kind === 'delete') counts.deleteSteps++
      if (step.key.endsWith('/') || (step.kind === 'keep' && step.why === 'deleted')) continue
      if (step.kind === 'delete') counts.deletes++
      if (step.kind === 'delete') whole ??= wholeOf(step.key)
      if (step.kind === 'copy' || (step.kind === 'keep' && step.why === 'same')) counts.source++
      const isThere = step.kind === 'copy' ? step.there !== undefined && step.there.kind !== 'deleted' : true
      if (isThere) counts.sink++
      else if (step.kind === 'copy') counts.creates++
    }
  }
  return { ...counts, ...(whole !== undefined && { whole }) }
}

/**
 * Stops a run that would delete too much, before it does anything.
 * @throws GUARD
 */
export function passGuard(plan: PlanCounts, guard: Guard): void {
  if (!guard.force && plan.whole !== undefined)
    throw guardError(
      `${plan.whole} would be deleted`,
      guard.hint ?? 'name a prefix beside it, or if that is meant: --force',
    )
  const deletes = Math.max(0, plan.deletes - (guard.net && guard.nothing === undefined ? plan.creates : 0))
  if (guard.force || deletes === 0) return
  // What the run does not look at is at both sides.
  const others = Math.max(0, (guard.ofObjects ?? 0) - plan.sink)
  const [source, sink] = [plan.source + others, plan.sink + others]
  const stopped = (why: string): EfsError => guardError(why, guard.hint)
  const would = `${countOf(deletes, 'object')} would be deleted`
  const { maxDelete } = guard
  if (maxDelete === undefined) {
    if (source === 0) throw stopped(`the source is empty and ${would}`)
    if (guard.nothing !== undefined) throw stopped(`${guard.nothing} and ${would}`)
    if (sink > SHARE_FROM_OBJECTS && deletes > sink * SHARE_MAX) throw stopped(`${would}, of ${countText(sink)}`)
    return
  }
  if ('count' in maxDelete && deletes > maxDelete.count)
    throw stopped(`${would}, --max-delete allows ${maxDelete.count}`)
  if ('percent' in maxDelete && deletes * 100 > sink * maxDelete.percent) {
    throw stopped(`${would}, of ${countText(sink)}; --max-delete allows ${maxDelete.percent}%`)
  }
}

const guardError = (why: string, hint = 'if that is meant: --force, or --max-delete 100%'): EfsError =>
  new EfsError('GUARD', `stopped by the guard: ${why}`, { hint })
