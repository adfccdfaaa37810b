/** All numbers in rows are big-endian, so that keys made of them sort by value. */

const TWO_32 = 0x1_0000_0000

/** Up to 2^53 - 1. */
export function writeU64(bytes: Buffer, value: number, at: number): void {
  bytes.writeUInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value % TWO_32, at + 4)
}

export const readU64 = (bytes: Buffer, at: number): number =>
  bytes.readUInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)

export const writeU48 = (bytes: Buffer, value: number, at: number): number => bytes.writeUIntBE(value, at, 6)
export const readU48 = (bytes: Buffer, at: number): number => bytes.readUIntBE(at, 6)
