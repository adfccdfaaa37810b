import { type FileHandle, open } from 'node:fs/promises'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Place } from '../../format/rows-chunk.js'
import type { FetchOptions } from '../../model/endpoint.js'
import { packName, packPath } from '../home.js'
import { payloadEnd, payloadStart, runsOf } from './runs.js'

const FILES_OPEN_MAX = 32
/** What is read in one go. */
const RUN = { gapBytes: 64 * 1024, bytes: LIMITS.packBufferBytes } as const

interface OpenFile {
  readonly file: Promise<FileHandle>
  users: number
  /** Since files were last looked through for idle ones. */
  isUsed: boolean
}

/** Reads payloads out of packs. Keeps the files that were used last open, for a while: one that a collection removes is on the disk as long. */
export class PackReader {
  /** In order of last use. */
  readonly #files = new Map<number, OpenFile>()
  #timer: NodeJS.Timeout | undefined

  constructor(readonly home: string) {}

  /** As `read`, of places that are looked up again where a collection has moved them meanwhile. */
  async readAt(find: () => readonly Place[], options: FetchOptions = {}): Promise<Buffer[]> {
    for (let places = find(); ; ) {
      try {
        return await this.read(places, options)
      } catch (error) {
        const now = find()
        if (now.every(({ pack }, i) => pack === places[i]?.pack)) throw error
        places = now
      }
    }
  }

  /** In the order asked. The bytes are not checked here. @throws CORRUPT where a pack is missing or too short */
  async read(places: readonly Place[], { signal, memory = Buffer.allocUnsafe }: FetchOptions = {}): Promise<Buffer[]> {
    const payloads: Buffer[] = []
    for (const run of runsOf(places, RUN)) {
      signal?.throwIfAborted()
      const [first, last] = [run[0], run.at(-1)]
      if (first === undefined || last === undefined) continue
      const start = payloadStart(first.place)
      const bytes = memory(payloadEnd(last.place) - start)
      await this.#fill(bytes, first.place.pack, start)
      for (const { at, place } of run) {
        payloads[at] = bytes.subarray(payloadStart(place) - start, payloadEnd(place) - start)
      }
    }
    return payloads
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer)
    const files = [...this.#files.values()]
    this.#files.clear()
    for (const { file } of files) await (await file).close()
  }

  async #fill(bytes: Buffer, pack: number, start: number): Promise<void> {
    const entry = this.#take(pack)
    try {
      const { bytesRead } = await (await entry.file).read(bytes, 0, bytes.length, start)
      if (bytesRead < bytes.length)
        throw lost(pack, `ends at ${start + bytesRead}, before what the index says is in it`)
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
    const entry = known ?? { file: open(packPath(this.home, pack), 'r'), users: 0, isUsed: true }
    entry.users++
    entry.isUsed = true
    this.#lookSoon()
    this.#files.delete(pack)
    this.#files.set(pack, entry)
    if (known === undefined) entry.file.catch(() => this.#files.delete(pack))
    return entry
  }

  #lookSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      for (const [pack, entry] of this.#files) {
        if (entry.users === 0 && !entry.isUsed) void this.#letGo(pack, entry).catch(() => undefined)
        entry.isUsed = false
      }
      if (this.#files.size > 0) this.#lookSoon()
    }, LIMITS.packIdleMs).unref()
  }

  async #letGo(pack: number, entry: OpenFile): Promise<void> {
    this.#files.delete(pack)
    await (await entry.file).close()
  }

  async #trim(): Promise<void> {
    for (const [pack, entry] of this.#files) {
      if (this.#files.size <= FILES_OPEN_MAX) return
      if (entry.users > 0) continue
      await this.#letGo(pack, entry)
    }
  }
}

const lost = (pack: number, what: string, cause?: unknown): EfsError =>
  new EfsError('CORRUPT', `pack ${packName(pack)} ${what}`, {
    hint: 'run `efs system check` to see what it harms',
    cause,
  })
