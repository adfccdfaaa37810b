import { randomFillSync } from 'node:crypto'
import {
  closeSync,
  copyFileSync,
  ftruncateSync,
  futimesSync,
  mkdirSync,
  openSync,
  readSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'

const KiB = 1024
const MiB = 1024 * KiB

/** Data sets are old when they are made: a file changed within the last second is never trusted by anybody. */
const OLD = new Date('2026-01-01T00:00:00Z')

/** A small generator with a seed, so that every run measures the same data (xorshift32). */
export function generator(seed: number): () => number {
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 0x1_0000_0000
  }
}

/** `total` bytes of disk images, incompressible; of every 100 MiB, 37 stand elsewhere already, in runs of 1 to 8 MiB. */
export function makeImages(folder: string, total: number): void {
  mkdirSync(folder, { recursive: true })
  const random = generator(37)
  const images = 8
  const size = Math.floor(total / images / MiB) * MiB
  const written: { file: string; offset: number }[] = []
  for (let image = 0; image < images; image++) {
    const file = path.join(folder, `image-${image}.raw`)
    const fd = openSync(file, 'w+')
    for (let offset = 0; offset < size; ) {
      const length = Math.min(size - offset, (1 + Math.floor(random() * 8)) * MiB)
      const again = random() < 0.37 ? written[Math.floor(random() * written.length)] : undefined
      const piece = again ? readPiece(again.file, again.offset, length) : randomFillSync(Buffer.allocUnsafe(length))
      writeSync(fd, piece, 0, piece.length, offset)
      if (!again) written.push({ file, offset })
      offset += piece.length
    }
    closeSync(fd)
    utimesSync(file, OLD, OLD)
  }
}

function readPiece(file: string, offset: number, length: number): Buffer {
  const fd = openSync(file, 'r')
  const piece = Buffer.allocUnsafe(length)
  const got = readSync(fd, piece, 0, length, offset)
  closeSync(fd)
  return piece.subarray(0, Math.floor(got / MiB) * MiB)
}

/** `count` files of 1 to 16 KiB in folders of 100; half of each file's bytes are compressible. */
export function makeSmallFiles(folder: string, count: number): void {
  const random = generator(100)
  const noise = randomFillSync(Buffer.alloc(4 * MiB))
  const words = Buffer.from('the quick brown fox jumps over the lazy dog, again and again; '.repeat(200))
  for (let i = 0; i < count; i++) {
    const inner = path.join(folder, `d${String(Math.floor(i / 100)).padStart(4, '0')}`)
    if (i % 100 === 0) mkdirSync(inner, { recursive: true })
    const size = KiB + Math.floor(random() * 15 * KiB)
    const at = Math.floor(random() * (noise.length - size))
    const half = size >> 1
    const file = path.join(inner, `f${String(i).padStart(6, '0')}`)
    writeFileSync(file, Buffer.concat([noise.subarray(at, at + half), words.subarray(0, size - half)]))
    utimesSync(file, OLD, OLD)
  }
}

/** One file of random bytes. */
export function makeBigFile(file: string, total: number): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const fd = openSync(file, 'w')
  const piece = Buffer.allocUnsafe(8 * MiB)
  for (let left = Math.floor(total); left > 0; left -= piece.length)
    writeSync(fd, randomFillSync(piece), 0, Math.min(left, piece.length))
  closeSync(fd)
  utimesSync(file, OLD, OLD)
}

/** The same file with one byte put in front. */
export function putByteInFront(file: string): void {
  const before = `${file}.before`
  copyFileSync(file, before)
  const source = openSync(before, 'r')
  const target = openSync(file, 'w')
  writeSync(target, Buffer.from('!'))
  const piece = Buffer.allocUnsafe(8 * MiB)
  for (let got = readSync(source, piece); got > 0; got = readSync(source, piece)) writeSync(target, piece, 0, got)
  closeSync(source)
  closeSync(target)
}

/** `count` files without content: inodes and names, no blocks. */
export function makeEmptyFiles(folder: string, count: number, perFolder: number): void {
  for (let i = 0; i < count; i++) {
    const inner = path.join(folder, `d${String(Math.floor(i / perFolder)).padStart(4, '0')}`)
    if (i % perFolder === 0) mkdirSync(inner, { recursive: true })
    const fd = openSync(path.join(inner, `f${String(i).padStart(7, '0')}`), 'w')
    futimesSync(fd, OLD, OLD)
    closeSync(fd)
  }
}

/** A file of holes, with `pieces` of 1 MiB of random bytes spread over it. */
export function makeSparseFile(file: string, total: number, pieces: number): void {
  mkdirSync(path.dirname(file), { recursive: true })
  const fd = openSync(file, 'w')
  ftruncateSync(fd, total)
  const piece = randomFillSync(Buffer.allocUnsafe(MiB))
  for (let i = 0; i < pieces; i++) writeSync(fd, piece, 0, piece.length, Math.floor((total / pieces) * i))
  closeSync(fd)
  utimesSync(file, OLD, OLD)
}
