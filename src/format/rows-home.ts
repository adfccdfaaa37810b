import type { JournalId, SegmentGuid } from '../model/ids.js'
import { readU64, writeU64 } from './rows-numbers.js'

/** Which process writes to a pack, and how far the index knows it. 48 bytes. */
export interface OwnerRow {
  readonly pid: number
  /** Clock ticks since boot at which the process started; 0 where the system does not tell. */
  readonly startTicks: number
  /** 16 bytes as hex; zeros where the system does not tell. */
  readonly boot: string
  /** The PID namespace that `pid` is of; 0 where the system does not tell, or an earlier efs wrote the row. */
  readonly space: number
  /** Every record before this offset is in the index. */
  readonly indexed: number
  /** The dense number that was next when the process began to write: its own chunks have this one or a later one. */
  readonly sinceDense: number
}

export function encodeOwnerRow(row: OwnerRow): Buffer {
  const bytes = Buffer.alloc(48)
  bytes.writeUInt32BE(row.pid, 0)
  bytes.writeUInt32BE(row.space, 4)
  writeU64(bytes, row.startTicks, 8)
  bytes.write(row.boot, 16, 'hex')
  writeU64(bytes, row.indexed, 32)
  writeU64(bytes, row.sinceDense, 40)
  return bytes
}

export const decodeOwnerRow = (bytes: Buffer): OwnerRow => ({
  pid: bytes.readUInt32BE(0),
  space: bytes.readUInt32BE(4),
  startTicks: readU64(bytes, 8),
  boot: bytes.toString('hex', 16, 32),
  indexed: readU64(bytes, 32),
  sinceDense: readU64(bytes, 40),
})

/** The one row about the index itself. 96 bytes. */
export interface IndexRow {
  /** Of this index; a reader refuses what is newer than it knows. */
  readonly format: number
  readonly journal: JournalId
  readonly epoch: number
  /** Of the machine's boot in which the epoch began. */
  readonly boot: string
  /** Of segment.json, as `ctimeNs`: others mean that the home was copied, moved or restored. 0 until it was first opened. */
  readonly inode: bigint
  readonly ctimeNs: bigint
  readonly nextPack: number
  readonly nextDense: number
  readonly segment: SegmentGuid
  /** The home was found to be a copy, or moved, or restored, and nobody has said yet which of these. */
  readonly unadopted: boolean
}

export function encodeIndexRow(row: IndexRow): Buffer {
  const bytes = Buffer.alloc(96)
  bytes.writeUInt32BE(row.format, 0)
  bytes.writeUInt32BE(row.nextPack, 4)
  bytes.write(row.journal, 8, 'hex')
  bytes.write(row.boot, 24, 'hex')
  writeU64(bytes, row.epoch, 40)
  bytes.writeBigUInt64BE(row.inode, 48)
  writeU64(bytes, row.nextDense, 56)
  bytes.writeBigInt64BE(row.ctimeNs, 64)
  bytes.write(row.segment, 72, 'hex')
  bytes[88] = row.unadopted ? 1 : 0
  return bytes
}

/** All that an efs may read of a row whose format it does not know. */
export const indexFormatOf = (bytes: Buffer): number => bytes.readUInt32BE(0)

export const decodeIndexRow = (bytes: Buffer): IndexRow => ({
  format: bytes.readUInt32BE(0),
  nextPack: bytes.readUInt32BE(4),
  journal: bytes.toString('hex', 8, 24) as JournalId,
  boot: bytes.toString('hex', 24, 40),
  epoch: readU64(bytes, 40),
  inode: bytes.readBigUInt64BE(48),
  nextDense: readU64(bytes, 56),
  ctimeNs: bytes.readBigInt64BE(64),
  segment: bytes.toString('hex', 72, 88) as SegmentGuid,
  unadopted: bytes[88] === 1,
})

/** The one row about collections. 56 bytes. */
export interface CollectionRow {
  /** Grows when a collection begins and when it ends, so that whoever planned in between notices. */
  readonly tick: number
  /** From the first change of a collection to its last. It stays where the collector was killed, until another one ends. */
  readonly unfinished: boolean
  /** Who collects. */
  readonly pid: number
  readonly startTicks: number
  readonly boot: string
  readonly space: number
  /** Milliseconds since 1970 at which the last one ended; 0 before the first. */
  readonly endedMs: number
}

export function encodeCollectionRow(row: CollectionRow): Buffer {
  const bytes = Buffer.alloc(56)
  writeU64(bytes, row.tick, 0)
  bytes[8] = row.unfinished ? 1 : 0
  bytes.writeUInt32BE(row.pid, 12)
  writeU64(bytes, row.startTicks, 16)
  bytes.write(row.boot, 24, 'hex')
  writeU64(bytes, row.endedMs, 40)
  bytes.writeUInt32BE(row.space, 48)
  return bytes
}

export const decodeCollectionRow = (bytes: Buffer): CollectionRow => ({
  tick: readU64(bytes, 0),
  unfinished: bytes[8] === 1,
  pid: bytes.readUInt32BE(12),
  startTicks: readU64(bytes, 16),
  boot: bytes.toString('hex', 24, 40),
  endedMs: readU64(bytes, 40),
  space: bytes.readUInt32BE(48),
})
