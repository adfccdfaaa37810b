import { countOf, countText } from '../../base/counts.js'
import type { Estimate } from '../../model/estimate.js'
import type { PlannedStep, PlanSummary } from '../../model/plan.js'
import { aboutText, bytesText } from './amounts.js'

/** A step, with its key as it is to be shown. */
type Shown = Omit<PlannedStep, 'key'> & { readonly key: string }

/** A line: `put <=1258291 2019/a.raw`, `conflict 17 b: DST has a later version`. */
export function stepText({ do: what, key, bytes, atMost, conflict }: Shown): string {
  const amount = `${atMost ? '<=' : ''}${bytes}`
  return conflict === undefined ? `${what} ${amount} ${key}\n` : `conflict ${amount} ${key}: ${conflict}\n`
}

/** `12 to put, at most 402 MiB to move; 3 to delete; 1 conflict; about 3 min, as fast as run 12`. */
export function planSummaryText({ steps, puts, deletes, conflicts, bytes, atMost, estimate }: PlanSummary): string {
  if (steps === 0) return 'nothing to do'
  const moves = `${countText(puts)} to put, ${atMost ? 'at most ' : ''}${bytesText(bytes)} to move`
  return [
    ...(puts > 0 ? [moves] : []),
    ...(deletes > 0 ? [`${countText(deletes)} to delete`] : []),
    ...(conflicts > 0 ? [countOf(conflicts, 'conflict')] : []),
    estimate === null ? 'how long is unknown: nothing has been timed between these two' : estimateText(estimate),
  ].join('; ')
}

function estimateText({ seconds, by, run }: Estimate): string {
  const time = (about: string): string => (seconds < 1 ? 'under 1 s' : `${about} ${aboutText(seconds)}`)
  switch (by) {
    case 'run':
      return `${time('about')}, as fast as ${run === null ? 'the last run' : `run ${run}`}`
    case 'reading':
      return `${time('at least')}, for reading alone`
    case 'bandwidth':
      return `${time('about')}, for the bandwidth that it may use`
  }
}
