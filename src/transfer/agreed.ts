import { EfsError } from '../base/errors.js'
import { compareKeys } from '../model/key.js'
import type { Moved, PlannedStep } from '../model/plan.js'
import type { Step } from '../model/transfer.js'
import { isTold, plannedStep, shortState } from './planned.js'
import type { Phase } from './transfer.js'

type Pages<T> = AsyncIterable<readonly T[]>

/** What two plans of the same differ in, in their order; nothing where they are the same. */
export async function* movedBetween(then: Pages<PlannedStep>, now: Pages<PlannedStep>): AsyncGenerator<Moved> {
  const [was, is] = [rowsOf(then), rowsOf(now)]
  let [before, after] = [await next(was), await next(is)]
  while (before !== undefined || after !== undefined) {
    const order = before && after ? compareKeys(before.key, after.key) : before ? -1 : 1
    const moved = movedStep(order <= 0 ? before : undefined, order >= 0 ? after : undefined)
    if (moved !== undefined) yield moved
    if (order <= 0) before = await next(was)
    if (order >= 0) after = await next(is)
  }
}

/** Passes on the steps of one phase as long as they are those that were planned. @throws CONFLICT at the first that is not */
export async function* agreedSteps(
  phase: Phase,
  steps: Pages<Step>,
  planned: Pages<PlannedStep>,
): AsyncGenerator<readonly Step[]> {
  const kind = phase === 'copy' ? 'put' : 'delete'
  const was = rowsOf(planned)
  const nextOfPhase = async (): Promise<PlannedStep | undefined> => {
    let step = await next(was)
    while (step !== undefined && step.do !== kind) step = await next(was)
    return step
  }
  for await (const page of steps) {
    for (const step of page) {
      if (step.kind === phase && isTold(step)) throwIfMoved(await nextOfPhase(), plannedStep(step, false, undefined))
    }
    yield page
  }
  throwIfMoved(await nextOfPhase(), undefined)
}

function throwIfMoved(before: PlannedStep | undefined, after: PlannedStep | undefined): void {
  const moved = movedStep(before, after)
  if (moved === undefined) return
  throw new EfsError('CONFLICT', `a side moved on during the run: ${moved.key}: ${moved.what}`, {
    hint: 'what was done is kept; make a plan of what is left',
  })
}

function movedStep(before: PlannedStep | undefined, after: PlannedStep | undefined): Moved | undefined {
  if (before === undefined || after === undefined) {
    const one = before ?? after
    if (one === undefined) return undefined
    return {
      key: one.key,
      what: before ? `there is nothing to ${before.do} any more` : `the plan does not ${one.do} it`,
    }
  }
  const { key } = after
  if (before.key !== key) return { key, what: `the plan does not ${after.do} it; it goes on with ${before.key}` }
  if (before.do !== after.do) return { key, what: `planned was ${before.do}, it would be ${after.do}` }
  for (const [side, place] of [
    ['here', 'SRC'],
    ['there', 'DST'],
  ] as const) {
    const [was = 'nothing', is = 'nothing'] = [before[side], after[side]]
    if (was !== is) return { key, what: `${place} ${movedInWords(was, is)}` }
  }
  return undefined
}

function movedInWords(was: string, is: string): string {
  const [before, after] = [shortState(was), shortState(is)]
  return before === after ? `has ${after} that was written since` : `had ${before}, and has ${after}`
}

async function* rowsOf<T>(pages: Pages<T>): AsyncGenerator<T> {
  for await (const page of pages) yield* page
}

const next = async <T>(rows: AsyncGenerator<T>): Promise<T | undefined> => {
  const { done, value } = await rows.next()
  return done === true ? undefined : value
}
