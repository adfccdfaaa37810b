import type { JournalId } from '../model/ids.js'
import { readU64, writeU64 } from './rows-numbers.js'

/** Which process writes to a pack, and how far the index knows it. 40 bytes. */
export interface OwnerRow {
  readonly pid: number
  /** Clock ticks since boot at which the process started; 0 where the system does not tell. */
  readonly startTicks: number
  /** 16 bytes as hex; zeros where the system does not tell. */
  readonly boot: string
  /** Every record before this offset is in the index. */
  readonly indexed: number
}

export function encodeOwnerRow(row: OwnerRow): Buffer {
  const bytes = Buffer.alloc(40)
  bytes.writeUInt32BE(row.pid, 0)
  writeU64(bytes, row.startTicks, 8)
  bytes.write(row.boot, 16, 'hex')
  writeU64(bytes, row.indexed, 32)
  return bytes
}

export const decodeOwnerRow = (bytes: Buffer): OwnerRow => ({
  pid: bytes.readUInt32BE(0),
  startTicks: readU64(bytes, 8),
  boot: bytes.toString('hex', 16, 32),
  indexed: readU64(bytes, 32),
})

/** The one row about the index itself. 64 bytes. */
export interface IndexRow {
  /** Of this index; a reader refuses what is newer than it knows. */
  readonly format: number
  readonly journal: JournalId
  readonly epoch: number
  /** Of the machine's boot in which the epoch began. */
  readonly boot: string
  /** Of segment.json; another one means that the home was copied or restored. */
  readonly inode: bigint
  readonly nextPack: number
  readonly nextDense: number
}

export function encodeIndexRow(row: IndexRow): Buffer {
  const bytes = Buffer.alloc(64)
  bytes.writeUInt32BE(row.format, 0)
  bytes.writeUInt32BE(row.nextPack, 4)
  bytes.write(row.journal, 8, 'hex')
  bytes.write(row.boot, 24, 'hex')
  writeU64(bytes, row.epoch, 40)
  bytes.writeBigUInt64BE(row.inode, 48)
  writeU64(bytes, row.nextDense, 56)
  return bytes
}

export const decodeIndexRow = (bytes: Buffer): IndexRow => ({
  format: bytes.readUInt32BE(0),
  nextPack: bytes.readUInt32BE(4),
  journal: bytes.toString('hex', 8, 24) as JournalId,
  boot: bytes.toString('hex', 24, 40),
  epoch: readU64(bytes, 40),
  inode: bytes.readBigUInt64BE(48),
  nextDense: readU64(bytes, 56),
})
