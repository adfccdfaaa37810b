import { fieldsOf, listOf, textOf, timeOf } from '../../base/json-fields.js'
import { LIMITS } from '../../base/limits.js'
import type { Amount, Timed } from '../../model/estimate.js'
import type { Segment } from '../../model/segment.js'
import type { StatsSnapshot } from '../../model/stats.js'
import { tellsSpeed } from '../../transfer/estimate.js'
import { placeOf, type Sides } from '../sync/sides.js'

/** What a run between two sides moved, and how long that took. */
export interface Speed extends Timed {
  /** The number that it has, if it has one. */
  readonly run?: number
}

/** By what the sides are, whoever asks. */
interface Row extends Speed {
  readonly from: string
  readonly to: string
}

const NAME = 'speeds'
const FORMAT = 1

/** Of the last run between these two that tells it; undefined where none does, or neither is a bucket here. */
export function speedBetween(sides: Sides): Speed | undefined {
  const segment = segmentOf(sides)
  return segment && parse(segment.runs.read(NAME)).find(isOf(sides))
}

/** Keeps how long a run took, where what it counted tells the speed. @throws IO, DISK_FULL */
export async function keepSpeed(sides: Sides, counts: StatsSnapshot, took: Omit<Speed, keyof Amount>): Promise<void> {
  const segment = segmentOf(sides)
  const { objectsPublished, objectsKnown, objectsDeleted, objectsLooked, bytesRead: bytes } = counts
  const moved = { objects: objectsPublished + objectsKnown + objectsDeleted, bytes }
  if (segment === undefined || !tellsSpeed(moved, objectsLooked)) return
  const row: Row = { from: sides.from.identity, to: sides.to.identity, ...moved, ...took }
  const isThis = isOf(sides)
  await segment.runs.change(NAME, (text) => {
    const rows = [row, ...parse(text).filter((one) => !isThis(one))].slice(0, LIMITS.speedsMax)
    return { after: `${JSON.stringify({ format: FORMAT, speeds: rows })}\n`, result: undefined }
  })
}

const segmentOf = ({ from, to }: Sides): Segment | undefined => (placeOf(to) ?? placeOf(from))?.segment

const isOf =
  ({ from, to }: Sides) =>
  (row: Row): boolean =>
    row.from === from.identity && row.to === to.identity

/** The latest first. Where the file is damaged nothing is known: what is lost is how long things took. */
function parse(text: string | undefined): readonly Row[] {
  try {
    const { format, speeds } = fieldsOf(JSON.parse(text ?? '{}'))
    if (format !== FORMAT) return []
    return listOf(speeds, ({ from, to, objects, bytes, seconds, run }) => ({
      from: textOf(from),
      to: textOf(to),
      objects: timeOf(objects),
      bytes: timeOf(bytes),
      seconds: secondsOf(seconds),
      ...(run === undefined ? {} : { run: timeOf(run) }),
    }))
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) return []
    throw error
  }
}

function secondsOf(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0)) throw new TypeError('no seconds')
  return value
}
