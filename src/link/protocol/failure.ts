import { EfsError, ERRORS, type ErrorCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { Failure } from './ops.js'

const isCode = (text: string): text is ErrorCode => Object.hasOwn(ERRORS, text)

/** Words fit for one line and the wire, whatever a host's error holds. */
const line = (text: string): string => text.replace(/\s+/g, ' ').slice(0, LIMITS.linkTextBytesMax / 4)

/** What crosses the wire of an error: never its stack, nor the words of one that nobody wrote for people. */
export function failureOf(error: unknown): Failure {
  if (!(error instanceof EfsError)) {
    return { code: 'FAILED', message: 'the peer failed at this request', hint: 'its log says why' }
  }
  return { code: error.code, message: line(error.message), hint: error.hint && line(error.hint) }
}

/** What a disk of the peer refused: its paths look like ours. */
export class PeerDiskError extends EfsError {}

/** Whether it is the disk of who says so that is to be looked at. */
export const isOfDisk = (error: unknown): boolean =>
  error instanceof EfsError && (error.code === 'DISK_FULL' || error.code === 'IO')

/** Whether the log of who fails so is to tell it: a peer is told no more than that. */
export const isFault = (error: unknown): boolean => !(error instanceof EfsError) || isOfDisk(error)

/** The same error at the other end. */
export function errorOf({ code, message, hint }: Failure): EfsError {
  const told = new EfsError(isCode(code) ? code : 'FAILED', line(message), { hint: hint && line(hint) })
  if (!isOfDisk(told)) return told
  return new PeerDiskError(told.code, line(`at the peer, ${message}`), { hint: told.hint })
}

/** Both ends say it, whichever notices first. */
export const sameSegment = (segment: SegmentGuid): EfsError =>
  new EfsError(
    'SAME_SEGMENT',
    `that gateway belongs to this same segment (${shortGuid(segment)}); a segment does not replicate to itself`,
    { hint: 'two segments on one machine need two homes: efs --home /srv/b system init' },
  )
