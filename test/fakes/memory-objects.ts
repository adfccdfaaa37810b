import { EfsError } from '../../src/base/errors.js'
import { hashHex } from '../../src/base/hash.js'
import { compareKeys } from '../../src/model/key.js'
import type { ObjectStore, StoredObject } from '../../src/model/object-store.js'

interface Kept {
  readonly bytes: Buffer
  readonly modifiedMs: number
}

/** Called before each put and delete of a client; it may throw, and then nothing more of that client gets through. */
export type Before = (what: 'put' | 'delete', key: string) => void

/** Objects that several clients share, each with its own faults. Pages are short, so that listings have many. */
export class MemoryObjects {
  readonly kept = new Map<string, Kept>()
  readonly counts = { put: 0, get: 0, list: 0, delete: 0 }
  /** Bytes that were put below each first part of a key. */
  readonly bytesPut = new Map<string, number>()
  #ms = 1_700_000_000_000

  /** `turns`: how long a call takes, so that clients mix. */
  client(before: Before = () => undefined, turns: () => number = () => 1): ObjectStore {
    let dead: unknown
    const take = async (what: keyof MemoryObjects['counts'], key: string): Promise<void> => {
      for (let turn = turns(); turn > 0; turn--) await new Promise((resolve) => setImmediate(resolve))
      if (dead !== undefined) throw dead
      try {
        if (what === 'put' || what === 'delete') before(what, key)
      } catch (error) {
        dead = error
        throw error
      }
      this.counts[what]++
    }
    return {
      label: 'memory',
      identity: 'memory',
      put: async (key, bytes) => {
        await take('put', key)
        if (this.kept.has(key) && !this.kept.get(key)?.bytes.equals(bytes)) throw new Error(`${key} was changed`)
        this.kept.set(key, { bytes: Buffer.from(bytes), modifiedMs: this.#ms++ })
        const folder = key.split('/')[0] ?? ''
        this.bytesPut.set(folder, (this.bytesPut.get(folder) ?? 0) + bytes.length)
      },
      get: async (key, range) => {
        await take('get', key)
        const bytes = this.kept.get(key)?.bytes
        const end = range === undefined ? 0 : range.offset + range.length
        if (bytes === undefined || end > bytes.length) throw new EfsError('NOT_FOUND', `no ${key}, or not so long`)
        return Buffer.from(range === undefined ? bytes : bytes.subarray(range.offset, end))
      },
      list: (options = {}) => this.#list(options, () => take('list', options.prefix ?? '')),
      delete: async (keys) => {
        for (const key of keys) {
          await take('delete', key)
          this.kept.delete(key)
        }
      },
      close: () => undefined,
    }
  }

  /** A page is what is there when it is asked for, as a server has it. */
  async *#list(
    { prefix = '', after = '' }: { prefix?: string; after?: string },
    take: () => Promise<void>,
  ): AsyncGenerator<readonly StoredObject[]> {
    for (let last = after; ; ) {
      await take()
      const page = [...this.kept]
        .filter(([key]) => key.startsWith(prefix) && compareKeys(key, last) > 0)
        .sort(([a], [b]) => compareKeys(a, b))
        .slice(0, 5)
      if (page.length === 0) return
      last = page.at(-1)?.[0] ?? last
      yield page.map(([key, { bytes, modifiedMs }]) => ({ key, size: bytes.length, etag: hashHex(bytes), modifiedMs }))
    }
  }
}
