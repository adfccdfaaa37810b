import type {
  Done,
  Endpoint,
  Listing,
  ListOptions,
  Parked,
  PublishResult,
  Reader,
  Sink,
} from '../../src/model/endpoint.js'
import { isFolderKey, type ObjectKey, objectKey } from '../../src/model/key.js'
import type { Attributes, Content } from '../../src/model/manifest.js'
import type { Fingerprint, VersionRef } from '../../src/model/version-ref.js'
import { Faults } from './faults.js'
import { FolderReader } from './folder-reader.js'
import { byKey, pagesOf } from './pages.js'
import { PartialFiles } from './partial-files.js'

export interface Entry {
  readonly kind: 'file' | 'link' | 'folder'
  readonly bytes: Uint8Array
  readonly attributes: Attributes
  readonly seen: Fingerprint
}

/** When every fingerprint is taken: long after the file's last change, so that none is racy. */
const TAKEN_MS = 4_000_000_000_000

/** A directory tree in memory that keeps the contracts of a source that reads and of a plain sink. */
export class MemoryFolder implements Endpoint {
  readonly label = 'memory folder'
  readonly identity = 'memory-folder'
  readonly entries = new Map<ObjectKey, Entry>()
  /** Files that cannot be read, folders (`a/`) that cannot be opened. */
  readonly closed = new Set<string>()
  readonly source: Reader
  readonly sink: Sink
  readonly #partials = new PartialFiles()
  readonly #leaving = new Set<ObjectKey>()
  #changes = 0n

  constructor(readonly faults = new Faults()) {
    const list: Reader['list'] = (options, parked) => this.#list(options, parked)
    const reader = new FolderReader(this.entries, this.closed, faults)
    this.source = { kind: 'reads', list, read: (wanted, how) => reader.read(wanted, how) }
    this.sink = {
      plain: true,
      chunking: { kind: 'fixed', bytes: 16 },
      compress: false,
      list,
      missing: async (refs) => [...refs],
      put: async (chunks, slices) => {
        await faults.hit('sink.put')
        this.#partials.put(chunks, slices)
      },
      publish: async (done) => {
        await faults.hit('sink.publish')
        return done.map((one) => this.#publish(one))
      },
      finish: (folders) => this.#finish(folders),
    }
  }

  write(key: string, bytes: Uint8Array, attributes: Attributes = {}, kind: Entry['kind'] = 'file'): void {
    this.#touchParent(objectKey(key))
    this.#set(objectKey(key), kind, bytes, attributes)
  }

  remove(key: string): void {
    this.entries.delete(objectKey(key))
    this.#touchParent(objectKey(key))
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async *#list({ signal }: ListOptions, parked: (what: Parked) => void): Listing {
    await this.faults.hit('list')
    const rows: VersionRef[] = []
    for (const [key, { kind, bytes, attributes, seen }] of this.entries) {
      if ([...this.closed].some((folder) => isFolderKey(folder) && key.startsWith(folder))) continue
      const { mode, mtimeNs } = attributes
      const known = { ...(mode === undefined ? {} : { mode }), ...(mtimeNs === undefined ? {} : { mtimeNs }) }
      rows.push({ key, kind, size: bytes.length, ...known, seen })
    }
    for (const key of this.closed) if (isFolderKey(key)) parked({ key: objectKey(key), why: 'it cannot be opened' })
    yield* pagesOf(rows.sort(byKey), { ...(signal && { signal }) })
  }

  #publish({ key, object, content }: Done): PublishResult {
    const body: Content = 'manifest' in content ? content.manifest : content
    if (body.kind === 'deleted') return this.#delete(key)
    const path = key.replace(/\/$/, '')
    const above = path.split('/').map((_, i, parts) => parts.slice(0, i).join('/'))
    const inTheWay =
      above.some((name) => name !== '' && this.entries.has(objectKey(name))) ||
      (body.kind === 'folder' ? this.entries.has(objectKey(path)) : this.#isFull(objectKey(`${path}/`)))
    if (inTheWay) return { status: 'parked', why: 'something of another kind is in its place' }
    const bytes = this.#partials.take(object, body)
    if (body.kind !== 'folder') this.entries.delete(objectKey(`${path}/`))
    for (const name of above) if (name !== '') this.#ensureFolder(objectKey(`${name}/`))
    this.write(key, bytes, body.attributes, body.kind)
    const seen = this.entries.get(key)?.seen
    return { status: 'published', ...(seen && { seen }) }
  }

  /** A folder goes at the end, if it is empty by then. */
  #delete(key: ObjectKey): PublishResult {
    if (!this.entries.has(key)) return { status: 'known' }
    if (isFolderKey(key) && this.#isFull(key)) this.#leaving.add(key)
    else this.remove(key)
    return { status: 'published' }
  }

  async #finish(folders: AsyncIterable<readonly Done[]>): Promise<Parked[]> {
    await this.faults.hit('sink.finish')
    for (const key of [...this.#leaving].reverse()) if (!this.#isFull(key)) this.remove(key)
    for await (const page of folders) {
      for (const { key, content } of page) {
        const body: Content = 'manifest' in content ? content.manifest : content
        if (this.entries.has(key)) this.#set(key, 'folder', new Uint8Array(), body.attributes)
      }
    }
    return []
  }

  #isFull(folder: ObjectKey): boolean {
    return [...this.entries.keys()].some((key) => key !== folder && key.startsWith(folder))
  }

  #ensureFolder(key: ObjectKey): void {
    if (!this.entries.has(key)) this.write(key, new Uint8Array(), { mode: 0o755 }, 'folder')
  }

  /** As file systems do, a folder's time changes with what is in it. */
  #touchParent(key: ObjectKey): void {
    const parent = `${key.replace(/\/$/, '').split('/').slice(0, -1).join('/')}/`
    if (parent === '/') return
    const folder = this.entries.get(objectKey(parent))
    if (folder === undefined) return
    this.#set(objectKey(parent), 'folder', folder.bytes, { ...folder.attributes, mtimeNs: 7_000n + this.#changes })
  }

  #set(key: ObjectKey, kind: Entry['kind'], bytes: Uint8Array, attributes: Attributes): void {
    const change = ++this.#changes
    const inode = this.entries.get(key)?.seen.inode ?? change
    const times = { mtimeNs: attributes.mtimeNs ?? 0n, ctimeNs: change }
    this.entries.set(key, { kind, bytes, attributes, seen: { size: bytes.length, ...times, inode, takenMs: TAKEN_MS } })
  }
}
