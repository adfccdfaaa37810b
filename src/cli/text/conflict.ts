import type { Conflict, Tip } from '../../app/objects/conflicts.js'
import { shortGuid } from '../../model/ids.js'
import type { Screen } from '../screen/screen.js'
import { besideText } from './table.js'
import { isoOfMicroseconds, versionJson } from './versions.js'

export const conflictJson = ({ path, tips }: Conflict) => ({
  path,
  clockAhead: tips.some(({ isAhead }) => isAhead),
  tips: tips.map(tipJson),
})

function tipJson(tip: Tip) {
  const { version, written, segment, kind, size, contentHash, mtime, mode } = versionJson(tip)
  const where = { here: tip.isHere, head: tip.isHead, clockAhead: tip.isAhead }
  return { version, written, segment, ...where, kind, size, contentHash, mtime, mode }
}

/** `VERSIONS TIME SEGMENT CLOCK PATH`: of the head, except for the first and the clock of any. */
export function conflictLine({ path, tips }: Conflict, page: Screen): string {
  const [head] = tips
  const clock = tips.some(({ isAhead }) => isAhead) ? 'ahead' : '-'
  const time = isoOfMicroseconds(head?.held.stamp.time ?? 0)
  const front = `${tips.length} ${time} ${(head ? writerOf(head) : '').padEnd(9)} ${clock.padEnd(5)}`
  return `${besideText(front, path, page)}\n`
}

/** `version time size kind segment`, and what else is to be known of it. */
export function tipLine(tip: Tip): string {
  const { held, kind, size } = tip
  const notes = [...(tip.isHead ? ['head'] : []), ...(tip.isAhead ? ['clock ahead'] : [])].join(', ')
  const columns = [
    held.id.slice(0, 16),
    isoOfMicroseconds(held.stamp.time),
    String(size).padStart(12),
    kind.padEnd(7),
    writerOf(tip).padEnd(9),
    notes,
  ]
  return `${columns.join(' ').trimEnd()}\n`
}

const writerOf = ({ isHere, held }: Tip): string => (isHere ? 'here' : shortGuid(held.stamp.segment))
