import { EfsError } from '../../base/errors.js'
import { filterOf } from '../../model/filter.js'
import type { Moved, PlanHead, PlannedSide } from '../../model/plan.js'
import { agreedSteps, movedBetween } from '../../transfer/agreed.js'
import type { App } from '../app.js'
import { isUnmade } from '../archive/unmade.js'
import { type Sides, withSides } from '../sync/sides.js'
import { type SyncRequest, type SyncSummary, syncSides } from '../sync/sync.js'
import type { Watch } from '../watch.js'
import { leftOutIn, planOf } from './make.js'
import { readPlanHead, readPlanSteps } from './read.js'

export interface ApplyRequest extends Pick<SyncRequest, 'auth' | 'bandwidth' | 'jobs'> {
  /** Read several times, so it is no pipe. */
  readonly file: string
}

/**
 * Does what a plan says, and nothing else. Each step that is no longer what it was is handed to `moved` before anything is written.
 * @throws CONFLICT where a side has moved on, before the run or within it; USAGE, NEWER_FORMAT for what is no plan; and as `syncOnce`
 */
export async function applyPlan(
  app: App,
  request: ApplyRequest,
  watch: Watch,
  moved: (step: Moved) => Promise<void>,
): Promise<SyncSummary> {
  const startedMs = performance.now()
  const { file, ...ways } = request
  const head = await readPlanHead(file)
  const { options } = head
  const filter = options.filter && filterOf(options.filter)
  const how = {
    policy: { deleteExtra: options.delete, checksum: options.checksum },
    ...(options.atMs === undefined ? {} : { atMs: options.atMs }),
    ...(filter && { filter }),
  }
  const { maxDelete, force } = options
  const guard = { force, ...(maxDelete && { maxDelete }) }
  const addresses = { from: head.from.address, to: head.to.address }
  return withSides(app, { ...ways, ...addresses, access: 'write', ...watch }, async (sides) => {
    requireSame(head.from, sides.from.identity)
    requireSame(head.to, sides.to.identity)
    const left = await leftOutIn(sides, force)
    await requireUnmoved(head, file, sides, { ...how, ...left, signal: watch.signal }, moved)
    const agreed: Parameters<typeof syncSides>[2]['agreed'] = (phase, steps) =>
      agreedSteps(phase, steps, readPlanSteps(file))
    return syncSides(app, sides, { ...ways, ...how, guard, startedMs, agreed }, watch)
  })
}

function requireSame({ address, identity }: PlannedSide, now: string): void {
  // What differs from nothing is told step by step.
  if (identity === now || isUnmade(identity)) return
  throw new EfsError('CONFLICT', `${address} is another one than the plan was made for`, {
    hint: 'is it another home, or was it made anew? make the plan again',
  })
}

async function requireUnmoved(
  { from, to }: PlanHead,
  file: string,
  sides: Sides,
  how: Parameters<typeof planOf>[1],
  moved: (step: Moved) => Promise<void>,
): Promise<void> {
  let count = 0
  const now = planOf(sides, how, () => undefined, { plain: false })
  for await (const step of movedBetween(readPlanSteps(file), now)) {
    count++
    await moved(step)
  }
  if (count === 0) return
  throw new EfsError(
    'CONFLICT',
    `a side has moved on since the plan was made: ${count} difference${count === 1 ? '' : 's'}`,
    {
      hint: `nothing was written; make the plan again: efs plan ${from.address} ${to.address}`,
    },
  )
}
