import { accessSync, closeSync, constants, existsSync, openSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { LIMITS } from '../../base/limits.js'
import { homePaths } from '../home.js'
import { assertRoomForRows, storeError } from '../store-error.js'
import { closeIn, type Gate, NO_GATE, openGate, READERS_MAX } from './gate.js'
import { type Row, type Snapshot, Table } from './table.js'

/** A prefix that all keys have. */
export const ALL = Buffer.alloc(0)
/** No key is less. Without it lmdb would begin at 5, where its own encoding of keys does. */
const LEAST = Buffer.of(0)

/** The tables of the index. Keys and rows are drawn in docs/format-index.md. */
const NAMES = [
  'owners',
  'gone',
  'lengths',
  'broken',
  'chunks',
  'heads',
  'versions',
  'journals',
  'epochs',
  'checkpoints',
  'retries',
  'baselines',
  'names',
  'uids',
  'buckets',
  'cells',
  'refused',
] as const

/** Room for tables to come. */
const TABLES_MAX = 32
/** Address space, not memory or disk: set once, so that no process ever has to follow another's growth. */
const MAP_BYTES = 256 * 1024 ** 3

/** Copies into Node's pool, which is cheaper than an ArrayBuffer a row. */
const pooled = (bytes: Buffer, start: number, end: number): Buffer => {
  const copy = Buffer.allocUnsafe(end - start)
  // LMDB lends one buffer for all reads, whose own `length` is that of the value: it is not to be copied by methods.
  copy.set(new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start))
  return copy
}

/** Keys and values are bytes, as they are. */
const KEYS = {
  writeKey: (key: Buffer, target: Buffer, start: number): number => {
    target.set(key, start)
    return start + key.length
  },
  readKey: pooled,
}
const VALUES = {
  encode: (value: Buffer): Buffer => value,
  decode: (bytes: Buffer): Buffer => pooled(bytes, 0, bytes.length),
}

export type Tables = Readonly<Record<(typeof NAMES)[number], Table>> & {
  /** Holds the index row. */
  readonly root: RootDatabase<Buffer, Buffer>
  readonly gate: Gate
  readonly home: string
  close(): Promise<void>
}

const BINARY = { keyEncoder: KEYS, encoder: VALUES } as const
export const OPENING = {
  noSubdir: true,
  overlappingSync: false,
  mapSize: MAP_BYTES,
  maxDbs: TABLES_MAX,
  maxReaders: READERS_MAX,
  ...BINARY,
} as const

/**
 * Opens or makes an LMDB file. Commits are synchronous and durable when they return: LMDB's two alternating meta pages,
 * without its overlapping mode, whose notion of what is flushed is one process's own. Not `durable`: nothing is promised
 * until whoever made the file has closed and synced it.
 */
export const openFile = (file: string, durable = true): RootDatabase<Buffer, Buffer> =>
  open<Buffer, Buffer>({
    ...OPENING,
    path: file,
    noSync: !durable,
  })

/** The tables of those names, made where they are not there. */
export function tablesOf<Name extends string>(
  { root, home }: Pick<Tables, 'root' | 'home'>,
  names: readonly Name[],
): Readonly<Record<Name, Table>> {
  const open = (name: Name): Table => new Table(root.openDB<Buffer, Buffer>({ name, ...BINARY }), home)
  return Object.fromEntries(names.map((name) => [name, open(name)])) as Record<Name, Table>
}

/** Opens or makes the index. Opening clears what killed readers hold. Not `durable`: as `openFile`, and no other process opens it. */
export function openTables(home: string, file: string, durable = true): Tables {
  try {
    const gate = durable ? gateOf(home) : NO_GATE
    assertOpens(home, file)
    const leave = gate.enter()
    try {
      const { root, tables } = gate.hold(() => {
        const root = openFile(file, durable)
        return { root, tables: tablesOf({ root, home }, NAMES) }
      })
      const close = (): Promise<void> => closeIn(gate, root).finally(leave)
      return { ...tables, root, gate, home, close }
    } catch (error) {
      leave()
      throw error
    }
  } catch (error) {
    throw storeError(error, home)
  }
}

/** That of a home. */
export function gateOf(home: string): Gate {
  const { gate } = homePaths(home)
  assertOpens(home, gate)
  return openGate(gate)
}

/** Files that LMDB has open at once while it opens. */
const FILES_WHILE_OPENING = 4

/**
 * Where LMDB cannot open its files, or finds no room to map its table of readers, it takes the whole process down; so
 * it is tried first. The lock is not opened for that: closing it would let go of the locks that this process has on it.
 */
export function assertOpens(home: string, file: string): void {
  const lock = `${file}-lock`
  if (!existsSync(lock)) assertRoomForRows(home, 0)
  accessSync(existsSync(lock) ? lock : home, constants.R_OK | constants.W_OK)
  const opened: number[] = []
  try {
    while (opened.length < FILES_WHILE_OPENING) opened.push(openSync(file, constants.O_RDWR | constants.O_CREAT, 0o600))
  } finally {
    for (const each of opened) closeSync(each)
  }
}

/** All or nothing, and on the disk when it returns. `work` must be synchronous. */
export function transact<T>({ root, gate, home }: Pick<Tables, 'root' | 'gate' | 'home'>, work: () => T): T {
  try {
    return gate.hold(() => root.transactionSync(work))
  } catch (error) {
    throw storeError(error, home)
  }
}

/**
 * True after a commit that failed in its very last write, of the meta page: nobody can say then whether it is on the
 * disk, and LMDB takes no more from this process.
 */
export function isInDoubt({ root }: Tables): boolean {
  try {
    root.transactionSync(() => undefined)
    return false
  } catch {
    return true
  }
}

/** The first key that no longer starts so, or undefined where there is none. */
export function afterPrefix(prefix: Buffer): Buffer | undefined {
  const end = Buffer.from(prefix)
  for (let i = end.length - 1; i >= 0; i--) {
    const byte = end[i] ?? 0
    if (byte < 0xff) {
      end[i] = byte + 1
      return end.subarray(0, i + 1)
    }
  }
  return undefined
}

export interface RangeOptions {
  readonly from?: Buffer
  readonly limit?: number
  /** What the table held then. */
  readonly snapshot?: Snapshot
}

/** Rows whose keys start with `prefix`, in key order; with `from`, from that key on. */
export function rowsUnder(table: Table, prefix: Buffer, { from, limit, snapshot }: RangeOptions = {}): Row[] {
  const end = afterPrefix(prefix)
  return table.rows({
    start: from ?? (prefix.length > 0 ? prefix : LEAST),
    ...(end && { end }),
    ...(limit !== undefined && { limit }),
    ...(snapshot && { transaction: snapshot }),
  })
}

/** In order. */
export const allKeys = (table: Table): Buffer[] => table.keys({ start: LEAST })

/** The last row whose key starts with `prefix` and is less than `end`. */
export function lastBefore(table: Table, prefix: Buffer, end: Buffer): Row | undefined {
  const [row] = table.rows({ start: end, end: prefix, reverse: true, exclusiveStart: true, limit: 1 })
  return row?.key.subarray(0, prefix.length).equals(prefix) ? row : undefined
}

/** The same as `rowsUnder`, a page at a time. No read transaction is held from one page to the next, unless the caller holds one. */
export async function* pagesUnder(
  table: Table,
  prefix: Buffer,
  options: Pick<RangeOptions, 'from' | 'snapshot'> = {},
): AsyncGenerator<readonly Row[]> {
  const limit = LIMITS.pageRowsMax
  let { from } = options
  for (;;) {
    const page = rowsUnder(table, prefix, { ...options, ...(from && { from }), limit })
    const last = page.at(-1)
    if (last === undefined) return
    yield page
    if (page.length < limit) return
    from = successor(last.key)
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** The least key that is greater. */
export const successor = (key: Buffer): Buffer => Buffer.concat([key, Buffer.of(0)])

/** Lends the index as it stands now, for reads that must agree with each other. */
export async function withSnapshot<T>(tables: Tables, use: (snapshot: Snapshot) => Promise<T>): Promise<T> {
  const snapshot = tables.root.useReadTransaction()
  try {
    return await use(snapshot)
  } finally {
    snapshot.done()
  }
}
