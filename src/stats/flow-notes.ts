import { type Fields, fieldsOrNone } from '../base/json-fields.js'
import { LIMITS } from '../base/limits.js'
import { bucketUid, journalId, segmentGuid } from '../model/ids.js'
import { type Checkpoint, isSameCheckpoint } from '../model/live.js'
import type { FlowNote } from '../model/service.js'

/** The notes that mean something; another efs may have written the others. */
export const parseFlowNotes = (value: unknown): FlowNote[] =>
  Array.isArray(value) ? value.slice(0, LIMITS.flowNotesMax).flatMap((one) => parseNote(fieldsOrNone(one)) ?? []) : []

/** A pair of buckets is told by the name of ours; the peer may have made its bucket anew. */
export const flowKey = ({ served, direction, here }: FlowNote): string => `${direction} ${served} ${here}`

export const isSameNote = (a: FlowNote | undefined, b: FlowNote): boolean =>
  a !== undefined &&
  a.parked === b.parked &&
  a.bytesAhead === b.bytesAhead &&
  a.there === b.there &&
  a.thereUid === b.thereUid &&
  a.peer === b.peer &&
  isSameCheckpoint(a.checkpoint, b.checkpoint)

function parseNote({
  served,
  direction,
  here,
  there,
  thereUid,
  peer,
  checkpoint,
  parked,
  bytesAhead = 0,
}: Fields): FlowNote | undefined {
  if (direction !== 'send' && direction !== 'receive') return undefined
  if (typeof served !== 'string' || typeof here !== 'string' || typeof there !== 'string') return undefined
  try {
    return {
      served,
      direction,
      here,
      there,
      thereUid: bucketUid(String(thereUid)),
      peer: segmentGuid(String(peer)),
      checkpoint: checkpointOf(checkpoint),
      parked: wholeOf(parked),
      bytesAhead: wholeOf(bytesAhead),
    }
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** @throws TypeError */
function checkpointOf(value: unknown): Checkpoint | undefined {
  if (value === undefined) return undefined
  const { position, pass } = fieldsOrNone(value)
  const { journal, epoch, sequence } = fieldsOrNone(position)
  return {
    position: { journal: journalId(String(journal)), epoch: wholeOf(epoch), sequence: wholeOf(sequence) },
    ...(typeof pass === 'string' ? { pass } : {}),
  }
}

/** @throws TypeError */
function wholeOf(value: unknown): number {
  if (!Number.isSafeInteger(value) || Number(value) < 0) throw new TypeError('not a count')
  return Number(value)
}
