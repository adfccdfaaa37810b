import type { SyncSummary } from '../../app/sync/sync.js'
import { countOf } from '../../base/counts.js'
import { bytesText, rounded, secondsText } from './amounts.js'

/** The last line of a run, without its sign. */
export function summaryText({ counts, parked, seconds, run }: SyncSummary): string {
  const { objectsLooked, objectsRead, objectsPublished, objectsDeleted, bytesRead, bytesNew, bytesStored } = counts
  const time = `in ${secondsText(seconds)}`
  // Content that was lost there may have come again, of an object that is as it was.
  if (objectsPublished + objectsDeleted + bytesNew === 0) {
    const read = objectsRead === 0 ? 'none read' : `${countOf(objectsRead, 'file')} read`
    const left = parked.length === 0 ? '' : `, ${countOf(parked.length, 'object')} left out`
    return `nothing changed${left}: ${countOf(objectsLooked, 'file')} looked at, ${read}, ${time}`
  }
  const share = bytesRead === 0 ? 0 : Math.floor((1 - bytesNew / bytesRead) * 100)
  const known = share <= 0 ? '' : ` (${share} % already here)`
  const parts = [
    countOf(objectsLooked, 'file'),
    `${bytesText(bytesRead)} read`,
    `${bytesText(bytesNew)} new${known}`,
    `stored as ${bytesText(bytesStored)}`,
    ...(objectsDeleted > 0 ? [`${countOf(objectsDeleted, 'object')} deleted`] : []),
    time,
    ...(run === undefined ? [] : [`run ${run}`]),
  ]
  return parts.join(', ')
}

/** The last event of `sync --json`. */
export function summaryJson({ counts, parked, notKept, seconds, run }: SyncSummary): Record<string, unknown> {
  return {
    type: 'summary',
    files: counts.objectsLooked,
    filesRead: counts.objectsRead,
    bytesRead: counts.bytesRead,
    bytesNew: counts.bytesNew,
    bytesStored: counts.bytesStored,
    published: counts.objectsPublished,
    known: counts.objectsKnown,
    deleted: counts.objectsDeleted,
    parked: parked.length,
    notKept,
    seconds: rounded(seconds),
    run: run ?? null,
  }
}
