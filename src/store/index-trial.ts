import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'
import { homePaths } from './home.js'
import { damagedIndex, storeError } from './store-error.js'
import { assertOpens, OPENING } from './tables.js'

/*
 * LMDB maps its file and believes it: where that is damaged, the process ends by a signal. So what can be told from
 * outside is looked at first. The first two pages of a file are its meta pages, of which the one with the higher
 * transaction is in force (mdb.c, MDB_meta, data version 2 as lmdb-js has it); offsets are from the start of such a page:
 *
 *   24  u32  magic          48  u32  bytes a page                  136  u64  root page of the main table
 *   28  u32  data version   88  u64  root page of the free list    144  u64  last page in use     152  u64  transaction
 */
const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const META_BYTES = 160
const META_PAGES = 2
/** Numbers are as the machine has them. */
const NATIVE = endianness() === 'LE'
/** Of a table that is empty. */
const NO_PAGE = 2n ** 64n - 1n

/**
 * Whether an index can be opened, as far as its meta pages tell. A file that ends before the last page in use is read whole by
 * another process: LMDB need not have written pages that it took and freed in one transaction.
 * @throws CORRUPT
 */
export async function assertSound(home: string): Promise<void> {
  const { index } = homePaths(home)
  const metas = readMetas(index)
  if (metas === undefined) return
  const { bytes, wanted, isSane } = metas
  if (!isSane) throw damagedIndex(home)
  if (bytes < wanted) await assertReadable(home)
}

/** Whether all of an index that is there can be read. Another process tries it. @throws CORRUPT; as opening it where it cannot be opened */
export async function assertReadable(home: string): Promise<void> {
  const { index } = homePaths(home)
  if (!existsSync(index)) return
  // What keeps everybody from opening it is no damage.
  try {
    assertOpens(home, index)
  } catch (error) {
    throw storeError(error, home)
  }
  const { OldIndex } = await import('./rebuild/old-index.js')
  const old = await OldIndex.open(home)
  try {
    if (old === undefined || !(await old.isReadable())) throw damagedIndex(home)
  } finally {
    await old?.close()
  }
}

interface Metas {
  /** Of the file. */
  readonly bytes: number
  /** Up to the end of the last page in use. */
  readonly wanted: number
  readonly isSane: boolean
}

/** Undefined where nothing was ever written. */
function readMetas(index: string): Metas | undefined {
  const file = openSync(index, 'r')
  try {
    const first = readMeta(file, 0)
    const second = readMeta(file, first.pageBytes)
    // After the meta pages: a file that grows meanwhile is long enough for them.
    const bytes = fstatSync(file).size
    if (bytes === 0) return undefined
    const { pageBytes, roots, lastPage } = first.transaction > second.transaction ? first : second
    const pages = BigInt(Math.floor(bytes / Math.max(1, pageBytes)))
    const isSane =
      first.isMeta &&
      second.isMeta &&
      lastPage < OPENING.mapSize / pageBytes &&
      roots.every((root) => root === NO_PAGE || (root >= META_PAGES && root < pages))
    return { bytes, wanted: isSane ? Number(lastPage + 1n) * pageBytes : 0, isSane }
  } finally {
    closeSync(file)
  }
}

function readMeta(file: number, at: number) {
  const meta = new DataView(new ArrayBuffer(META_BYTES))
  readSync(file, meta, 0, META_BYTES, at)
  const u32 = (offset: number): number => meta.getUint32(offset, NATIVE)
  const u64 = (offset: number): bigint => meta.getBigUint64(offset, NATIVE)
  const pageBytes = u32(48)
  return {
    isMeta: u32(24) === MAGIC && u32(28) === DATA_VERSION && isPowerOfTwo(pageBytes),
    pageBytes,
    roots: [u64(88), u64(136)],
    lastPage: u64(144),
    transaction: u64(152),
  }
}

const isPowerOfTwo = (n: number): boolean => n >= 256 && n <= 65_536 && (n & (n - 1)) === 0
