import { documentText, type Fields, fieldsOf, listOf, parseDocument, textOf, timeOf } from '../../base/json-fields.js'
import { LIMITS } from '../../base/limits.js'
import { type BucketUid, bucketUid, journalId, type SegmentGuid, segmentGuid } from '../../model/ids.js'
import type { Position } from '../../model/position.js'
import type { Segment } from '../../model/segment.js'

/** What changed a bucket of a segment at a stretch. */
export interface Run {
  /** From 1 on. */
  readonly run: number
  readonly uid: BucketUid
  readonly bucket: string
  readonly from: string
  /** Milliseconds since 1970. */
  readonly startedMs: number
  readonly endedMs: number
  /** Of objects, in the bucket's journal behind `before` and not behind `after`. */
  readonly changes: number
  readonly before: Position
  readonly after: Position
  /** The peer that brought its changes; absent where they were written here. */
  readonly by?: SegmentGuid
  /** The run that it took back. */
  readonly undoes?: number
}

interface Book {
  readonly last: number
  /** Oldest first. */
  readonly runs: readonly Run[]
}

const NAME = 'runs'
const WORDS = {
  name: 'runs/runs.json',
  damaged: 'what is known of runs is damaged (runs/runs.json)',
  hint: 'put that file back from a backup, or delete it: then no run of before can be undone',
}

/** The oldest first. @throws CORRUPT */
export const readRuns = ({ runs }: Pick<Segment, 'runs'>): readonly Run[] => parse(runs.read(NAME)).runs

/** Gives the number that it gets; the oldest of too many is forgotten. */
export const addRun = ({ runs }: Pick<Segment, 'runs'>, run: Omit<Run, 'run'>): Promise<number> =>
  runs.change(NAME, (text) => {
    const { last, runs: known } = parse(text)
    const number = last + 1
    const kept = [...known, { run: number, ...run }].slice(-LIMITS.runsMax)
    return { after: documentText({ last: number, runs: kept }), result: number }
  })

function parse(text: string | undefined): Book {
  if (text === undefined) return { last: 0, runs: [] }
  return parseDocument(WORDS, text, ({ last, runs }) => ({ last: timeOf(last), runs: listOf(runs, runOf) }))
}

const runOf = (fields: Fields): Run => ({
  run: timeOf(fields.run),
  uid: bucketUid(textOf(fields.uid)),
  bucket: textOf(fields.bucket),
  from: textOf(fields.from),
  startedMs: timeOf(fields.startedMs),
  endedMs: timeOf(fields.endedMs),
  changes: timeOf(fields.changes),
  before: positionOf(fieldsOf(fields.before)),
  after: positionOf(fieldsOf(fields.after)),
  ...(fields.by === undefined ? {} : { by: segmentGuid(textOf(fields.by)) }),
  ...(fields.undoes === undefined ? {} : { undoes: timeOf(fields.undoes) }),
})

const positionOf = ({ journal, epoch, sequence }: Fields): Position => ({
  journal: journalId(textOf(journal)),
  epoch: timeOf(epoch),
  sequence: timeOf(sequence),
})
