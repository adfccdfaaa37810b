import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs'
import { copyInto } from '../../base/copy.js'
import { systemCode } from '../../base/errors.js'
import { HASH_OF_NOTHING, hashHex } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import type { Root } from '../../model/manifest.js'
import type { Chunking } from '../../model/settings.js'
import type { Fingerprint } from '../../model/version-ref.js'
import { ContentBuilder } from '../content-builder.js'
import { differs, fingerprintOf } from './fingerprint.js'
import type { HeldFolder } from './held-folder.js'
import type { WorkerSetup } from './messages.js'
import { why } from './why.js'
import type { Mark, ReadObject, Window } from './window.js'
import { readXattrs } from './xattrs.js'

/** What is being read: its number, its key, and how it was listed. */
export interface Target {
  readonly object: number
  readonly key: string
  readonly kind: string
  readonly listed: Fingerprint | undefined
  readonly takenMs: number
}

/** Gives out windows to fill. */
export interface Desk {
  /** The one being filled. */
  readonly window: Window
  /** How many windows have been sent. */
  readonly turns: number
  /** Sends the one being filled and waits for a free one. Its bytes may be read until the next is written to. */
  turn(): Promise<void>
}

type Outcome = ReadObject | 'changed'

/** How files are read, and through which folder, so that none is read behind a link that one of its folders became. */
export interface Reading extends Pick<WorkerSetup, 'chunking' | 'restMs'> {
  readonly held: HeldFolder
}

/** What the system says of what is another thing than it was listed as, and may be whole soon. */
const MOVING = new Set(['EISDIR', 'ENOTDIR'])

const CHANGED = 'changed while it was read'
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/**
 * Reads one file, link or folder into windows: done when its state was the same before and after. One that changed is
 * read again, as long as none of its bytes have been sent, and parked in the end.
 */
export async function readTarget(target: Target, desk: Desk, reading: Reading): Promise<void> {
  const mark = desk.window.mark(desk.turns)
  try {
    for (let attempt = 0; ; attempt++) {
      const outcome = await readOnce(target, attempt === 0 ? target.listed : undefined, desk, reading)
      if (outcome !== 'changed') return desk.window.addDone(target, outcome)
      if (attempt >= LIMITS.readTriesMax || desk.turns !== mark.turns) break
      desk.window.rollBack(mark)
      reading.held.close()
    }
    drop(target, desk, mark, CHANGED, true)
  } catch (error) {
    const code = systemCode(error)
    if (code === undefined) throw error
    const words = MOVING.has(code) ? CHANGED : `cannot be read: ${why(error)}`
    drop(target, desk, mark, words, MOVING.has(code) || code === 'ENOENT')
  }
}

function drop(target: Target, desk: Desk, mark: Mark, reason: string, inFlight: boolean): void {
  if (desk.turns === mark.turns) desk.window.rollBack(mark)
  desk.window.park(target.object, reason, inFlight)
}

function readOnce(
  target: Target,
  listed: Fingerprint | undefined,
  desk: Desk,
  reading: Reading,
): Promise<Outcome> | Outcome {
  const path = reading.held.at(target.key)
  if (target.kind === 'f') return readFile(path, { ...target, listed }, desk, reading)
  return target.kind === 'l' ? readLink(path, target) : readFolder(path, target)
}

function readLink(path: string, { takenMs }: Target): Outcome {
  const before = lstatSync(path, { bigint: true })
  if (!before.isSymbolicLink()) return 'changed'
  const bytes = readlinkSync(path, 'buffer')
  const print = fingerprintOf(lstatSync(path, { bigint: true }), takenMs)
  if (differs(fingerprintOf(before, takenMs), print)) return 'changed'
  const mode = Number(before.mode & 0o7777n)
  return { mode, print, contentHash: hashHex(bytes), root: { inline: bytes }, xattrs: undefined, xattrsLeft: [] }
}

function readFolder(path: string, { takenMs }: Target): Outcome {
  const stat = lstatSync(path, { bigint: true })
  if (!stat.isDirectory()) return 'changed'
  const xattrsLeft: string[] = []
  return {
    mode: Number(stat.mode & 0o7777n),
    print: fingerprintOf(stat, takenMs),
    contentHash: HASH_OF_NOTHING,
    root: { inline: Buffer.alloc(0) },
    xattrs: readXattrs(path, xattrsLeft),
    xattrsLeft,
  }
}

async function readFile(
  path: string,
  { object, listed, takenMs }: Target,
  desk: Desk,
  { chunking, restMs }: Reading,
): Promise<Outcome> {
  const file = openSync(path, OPEN_FLAGS)
  try {
    const trusted = listed !== undefined && listed.size <= desk.window.bytes.length
    const before = trusted ? listed : regularPrint(file, takenMs)
    if (before === undefined || !isAtRest(before, restMs)) return 'changed'
    const content = before.size <= LIMITS.inlineBytesMax ? readInline(file, before.size, desk) : undefined
    const built = content ?? (await readChunks(file, before.size, object, desk, chunking))
    if (built === undefined) return 'changed'
    const xattrsLeft: string[] = []
    const xattrs = readXattrs(path, xattrsLeft)
    const stat = fstatSync(file, { bigint: true })
    const print = fingerprintOf(stat, takenMs)
    if (!stat.isFile() || differs(before, print)) return 'changed'
    const { contentHash, root } = built
    return { mode: Number(stat.mode & 0o7777n), print, contentHash, root, xattrs, xattrsLeft }
  } finally {
    closeSync(file)
  }
}

/**
 * Whether it was left alone for so long. Within a tick of the file system's clock two writes show one time: only what changes after
 * a rest shows surely that it does. A time far ahead is of a clock that was set back since.
 */
const isAtRest = ({ ctimeNs, takenMs }: Fingerprint, restMs: number): boolean =>
  Math.abs(takenMs - Number(ctimeNs / 1_000_000n)) >= restMs

function regularPrint(file: number, takenMs: number): Fingerprint | undefined {
  const stat = fstatSync(file, { bigint: true })
  return stat.isFile() ? fingerprintOf(stat, takenMs) : undefined
}

interface Content {
  readonly contentHash: string
  readonly root: Root
}

/** Undefined where the file is shorter than it was. */
function readInline(file: number, size: number, { window }: Desk): Content | undefined {
  const bytes = Buffer.alloc(size)
  if (size > 0 && readSync(file, bytes, 0, size, 0) < size) return undefined
  window.bytesRead += size
  return { contentHash: hashHex(bytes), root: { inline: bytes } }
}

/** Undefined where the file is shorter than it was. */
async function readChunks(
  file: number,
  size: number,
  object: number,
  desk: Desk,
  chunking: Chunking,
): Promise<Content | undefined> {
  const builder = new ContentBuilder(chunking)
  let start = desk.window.filled
  for (let position = 0; ; ) {
    const window = desk.window
    const end = Math.min(window.bytes.length, window.filled + size - position)
    while (window.filled < end) {
      const n = readSync(file, window.bytes, window.filled, end - window.filled, position)
      if (n === 0) return undefined
      window.filled += n
      window.bytesRead += n
      position += n
    }
    const final = position === size
    start = builder.take(window.bytes, start, end, final, (ref, offset, at) => window.addSlice(object, ref, offset, at))
    if (final) {
      const built = builder.finish()
      window.addNodes(builder.takeNodes())
      return built
    }
    window.addNodes(builder.takeNodes())
    await desk.turn()
    copyInto(desk.window.bytes, 0, window.bytes.subarray(start, end))
    desk.window.filled = end - start
    start = 0
  }
}
