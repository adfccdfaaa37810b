import { type FileHandle, open } from 'node:fs/promises'
import { EfsError, systemCode } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { RECORD_HEADER_BYTES } from '../format/pack.js'
import type { Place } from '../format/rows-chunk.js'
import { packName, packPath } from './home.js'

const FILES_OPEN_MAX = 32
/** Records that are nearer to each other than this are read in one go. */
const GAP_BYTES_MAX = 64 * 1024

interface OpenFile {
  readonly file: Promise<FileHandle>
  users: number
}

interface Wanted {
  readonly at: number
  readonly place: Place
}

/** Reads payloads out of packs. Keeps the files that were used last open. */
export class PackReader {
  /** In order of last use. */
  readonly #files = new Map<number, OpenFile>()

  constructor(readonly home: string) {}

  /** As `read`, of places that are looked up again where a collection has moved them meanwhile. */
  async readAt(find: () => readonly Place[], signal?: AbortSignal): Promise<Buffer[]> {
    for (let places = find(); ; ) {
      try {
        return await this.read(places, signal)
      } catch (error) {
        const now = find()
        if (now.every(({ pack }, i) => pack === places[i]?.pack)) throw error
        places = now
      }
    }
  }

  /** In the order asked. The bytes are not checked here. @throws CORRUPT where a pack is missing or too short */
  async read(places: readonly Place[], signal?: AbortSignal): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    for (const run of runsOf(places)) {
      signal?.throwIfAborted()
      const [first, last] = [run[0], run.at(-1)]
      if (first === undefined || last === undefined) continue
      const start = payloadStart(first.place)
      const bytes = await this.#readRange(first.place.pack, start, payloadEnd(last.place) - start)
      for (const { at, place } of run) {
        payloads[at] = bytes.subarray(payloadStart(place) - start, payloadEnd(place) - start)
      }
    }
    return payloads
  }

  async close(): Promise<void> {
    const files = [...this.#files.values()]
    this.#files.clear()
    for (const { file } of files) await (await file).close()
  }

  async #readRange(pack: number, start: number, length: number): Promise<Buffer> {
    const entry = this.#take(pack)
    try {
      const bytes = Buffer.allocUnsafe(length)
      const { bytesRead } = await (await entry.file).read(bytes, 0, length, start)
      if (bytesRead < length) throw lost(pack, `ends at ${start + bytesRead}, before what the index says is in it`)
      return bytes
    } catch (error) {
      if (systemCode(error) === 'ENOENT') throw lost(pack, 'is missing', error)
      throw error
    } finally {
      entry.users--
      await this.#trim()
    }
  }

  #take(pack: number): OpenFile {
    const known = this.#files.get(pack)
    const entry = known ?? { file: open(packPath(this.home, pack), 'r'), users: 0 }
    entry.users++
    this.#files.delete(pack)
    this.#files.set(pack, entry)
    if (known === undefined) entry.file.catch(() => this.#files.delete(pack))
    return entry
  }

  async #trim(): Promise<void> {
    for (const [pack, entry] of this.#files) {
      if (this.#files.size <= FILES_OPEN_MAX) return
      if (entry.users > 0) continue
      this.#files.delete(pack)
      await (await entry.file).close()
    }
  }
}

const payloadStart = (place: Place): number => place.offset + RECORD_HEADER_BYTES
const payloadEnd = (place: Place): number => payloadStart(place) + place.length

/** What is read in one go: same pack, in order of offset, near each other, not too much at once. */
function runsOf(places: readonly Place[]): Wanted[][] {
  const sorted = places
    .map((place, at) => ({ at, place }))
    .sort((a, b) => a.place.pack - b.place.pack || a.place.offset - b.place.offset)
  const runs: Wanted[][] = []
  let run: Wanted[] = []
  for (const wanted of sorted) {
    const first = run[0]
    const last = run.at(-1)
    const joins =
      first !== undefined &&
      last !== undefined &&
      first.place.pack === wanted.place.pack &&
      wanted.place.offset - payloadEnd(last.place) <= GAP_BYTES_MAX &&
      payloadEnd(wanted.place) - first.place.offset <= LIMITS.packBufferBytes
    if (!joins) {
      run = []
      runs.push(run)
    }
    run.push(wanted)
  }
  return runs
}

const lost = (pack: number, what: string, cause?: unknown): EfsError =>
  new EfsError('CORRUPT', `pack ${packName(pack)} ${what}`, {
    hint: 'run `efs system check` to see what it harms',
    cause,
  })
