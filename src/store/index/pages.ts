import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { endianness } from 'node:os'
import { OPENING } from './tables.js'

/*
 * LMDB maps its file and believes it: where that is damaged, the process ends by a signal. So its pages are looked at from outside.
 * The layout is that of mdb.c, data version 2, as lmdb-js has it; numbers are as the machine has them.
 *
 *   page    0 u64 its number    18 u16 flags    20 u16 lower, 22 u16 upper (from the end of the header), or 20 u32 pages of an overflow
 *           24 u16 for each node, where it stands (from the end of the header)
 *   node    0 u32 bytes of its value    4 u16 flags    6 u16 bytes of its key    8 key, value
 *           of a branch: 0 u48 the page below
 *   table   6 u16 depth    40 u64 root page
 *   meta    24 u32 magic    28 u32 data version    48 table of free pages, of which the first u32 is the bytes a page    96 main table
 *           144 u64 last page in use    152 u64 transaction
 *
 * The first two pages are metas, of which the one with the later transaction is in force.
 */
const LITTLE = endianness() === 'LE'
const MAGIC = 0xbeefc0de
const DATA_VERSION = 2
const META_PAGES = 2
const META_BYTES = 160
const HEADER_BYTES = 24
const NODE_BYTES = 8
const TABLE_BYTES = 48
const OVERFLOW_BYTES = 24
const BRANCH = 1
const LEAF = 2
const OVERFLOW = 4
const BIG_VALUE = 1
const IS_TABLE = 2
/** Of a table that is empty. */
const NO_PAGE = 2n ** 64n - 1n
/** More than any tree has. */
const DEPTH_MAX = 32

interface Tree {
  readonly root: bigint
  readonly depth: number
}

interface Meta {
  readonly pageBytes: number
  readonly lastPage: bigint
  /** The last one that was committed. */
  readonly transaction: bigint
  readonly trees: readonly Tree[]
}

/** What the meta pages tell, as far as they can be right. */
export type Metas = 'none' | 'damaged' | (Meta & { readonly isWhole: boolean })

/** `none`: nothing was ever written. `isWhole`: the file goes on to the last page in use. */
export function readMetas(index: string): Metas {
  return withFile(index, metasOf)
}

/**
 * Whether each page that is in use is what it is taken for, and stands in one place only. Nothing may give pages free meanwhile, or
 * what is found wrong may be right.
 */
export function hasSoundPages(index: string): boolean {
  return withFile(index, (file) => {
    const meta = metasOf(file)
    if (typeof meta === 'string') return meta === 'none'
    return new Pages(file, meta).areSound()
  })
}

function withFile<T>(index: string, use: (file: number) => T): T {
  const file = openSync(index, 'r')
  try {
    return use(file)
  } finally {
    closeSync(file)
  }
}

function metasOf(file: number): Metas {
  const first = readMeta(file, 0)
  const second = readMeta(file, first.pageBytes)
  // After the meta pages: a file that grows meanwhile is long enough for them.
  const { size } = fstatSync(file)
  if (size === 0) return 'none'
  const { pageBytes, lastPage, trees, transaction } = first.transaction > second.transaction ? first : second
  const pages = BigInt(Math.floor(size / Math.max(1, pageBytes)))
  const isSane =
    first.isMeta &&
    second.isMeta &&
    lastPage < OPENING.mapSize / pageBytes &&
    trees.every(({ root }) => root === NO_PAGE || (root >= META_PAGES && root < pages))
  return isSane ? { pageBytes, lastPage, transaction, trees, isWhole: lastPage < pages } : 'damaged'
}

function readMeta(file: number, at: number) {
  const meta = new DataView(new ArrayBuffer(META_BYTES))
  readSync(file, meta, 0, META_BYTES, at)
  const pageBytes = meta.getUint32(48, LITTLE)
  return {
    isMeta:
      meta.getUint32(24, LITTLE) === MAGIC && meta.getUint32(28, LITTLE) === DATA_VERSION && isPowerOfTwo(pageBytes),
    pageBytes,
    trees: [treeAt(meta, 48), treeAt(meta, 96)],
    lastPage: meta.getBigUint64(144, LITTLE),
    transaction: meta.getBigUint64(152, LITTLE),
  }
}

const treeAt = (view: DataView, at: number): Tree => ({
  depth: view.getUint16(at + 6, LITTLE),
  root: view.getBigUint64(at + 40, LITTLE),
})

const isPowerOfTwo = (n: number): boolean => n >= 256 && n <= 65_536 && (n & (n - 1)) === 0

interface Node {
  readonly at: number
  /** Where its key ends and its value begins. */
  readonly value: number
  readonly bytes: number
}

/** Undefined where it is not within the page. */
function nodeAt(page: DataView, at: number, level: number): Node | undefined {
  const begin = at + NODE_BYTES
  if (begin > page.byteLength) return undefined
  const value = begin + page.getUint16(at + 6, LITTLE)
  const isBig = (page.getUint16(at + 4, LITTLE) & BIG_VALUE) !== 0
  const end = value + (level > 1 ? 0 : isBig ? OVERFLOW_BYTES : page.getUint32(at, LITTLE))
  if (end > page.byteLength) return undefined
  return { at, value, bytes: end - at }
}

const isKeyAfter = (page: Buffer, before: Node, node: Node): boolean =>
  page.compare(page, before.at + NODE_BYTES, before.value, node.at + NODE_BYTES, node.value) > 0

/** The pages of all trees of a file. */
class Pages {
  readonly #seen: Uint8Array

  constructor(
    readonly file: number,
    readonly meta: Meta,
  ) {
    this.#seen = new Uint8Array(Number(meta.lastPage >> 3n) + 1)
  }

  areSound(): boolean {
    // The keys of the first are numbers, those of all others bytes.
    return this.meta.trees.every((tree, i) => this.#isTree(tree, i > 0))
  }

  #isTree({ root, depth }: Tree, isOfBytes: boolean): boolean {
    return root === NO_PAGE || (depth >= 1 && depth <= DEPTH_MAX && this.#isPage(root, depth, isOfBytes))
  }

  /** A page of a tree, so many levels above its lowest, and all below it: its nodes fill it to its end, in the order of their keys. */
  #isPage(number: bigint, level: number, isOfBytes: boolean): boolean {
    const page = this.#take(number, 1n)
    if (page === undefined) return false
    const [flags, lower, upper] = [page.getUint16(18, LITTLE), page.getUint16(20, LITTLE), page.getUint16(22, LITTLE)]
    const space = this.meta.pageBytes - HEADER_BYTES
    if ((flags & (BRANCH | LEAF | OVERFLOW)) !== (level === 1 ? LEAF : BRANCH)) return false
    if (lower === 0 || lower % 2 !== 0 || lower > upper || upper > space) return false
    const bytes = Buffer.from(page.buffer)
    let filled = 0
    let before: Node | undefined
    for (let at = 0; at < lower; at += 2) {
      const place = page.getUint16(HEADER_BYTES + at, LITTLE)
      const node = place < upper ? undefined : nodeAt(page, HEADER_BYTES + place, level)
      if (node === undefined) return false
      filled += node.bytes + (node.bytes % 2)
      if (isOfBytes && before !== undefined && !isKeyAfter(bytes, before, node)) return false
      // The first key of a branch stands for all that are less.
      before = level > 1 && at === 0 ? undefined : node
      if (!this.#isBelow(page, node, level, isOfBytes)) return false
    }
    return filled === space - upper
  }

  /** Whether what a node leads to is right. */
  #isBelow(page: DataView, { at, value }: Node, level: number, isOfBytes: boolean): boolean {
    const [low, flags] = [page.getUint32(at, LITTLE), page.getUint16(at + 4, LITTLE)]
    if (level > 1) return this.#isPage(BigInt(low) | (BigInt(flags) << 32n), level - 1, isOfBytes)
    if ((flags & BIG_VALUE) !== 0)
      return this.#isOverflow(page.getBigUint64(value, LITTLE), page.getBigUint64(value + 16, LITTLE), low)
    return (flags & IS_TABLE) === 0 || (low === TABLE_BYTES && this.#isTree(treeAt(page, value), true))
  }

  #isOverflow(number: bigint, pages: bigint, bytes: number): boolean {
    const page = this.#take(number, pages)
    if (page === undefined || (page.getUint16(18, LITTLE) & OVERFLOW) === 0) return false
    return BigInt(page.getUint32(20, LITTLE)) === pages && HEADER_BYTES + bytes <= Number(pages) * this.meta.pageBytes
  }

  /** Reads the first of these pages; undefined where one cannot be, is in use elsewhere, or the first has another number. */
  #take(number: bigint, pages: bigint): DataView | undefined {
    const { pageBytes, lastPage } = this.meta
    if (number < META_PAGES || pages < 1n || number + pages - 1n > lastPage) return undefined
    for (let page = Number(number); page < Number(number + pages); page++) {
      const bit = 1 << (page & 7)
      const seen = this.#seen[page >> 3] ?? 0
      if ((seen & bit) !== 0) return undefined
      this.#seen[page >> 3] = seen | bit
    }
    const page = new DataView(new ArrayBuffer(pageBytes))
    if (readSync(this.file, page, 0, pageBytes, Number(number) * pageBytes) !== pageBytes) return undefined
    return page.getBigUint64(0, LITTLE) === number ? page : undefined
  }
}
