import { decodeVersion } from '../../format/manifest.js'
import { encodeJournalRow } from '../../format/rows-bucket.js'
import { decodeVersionRow, encodeVersionRow, type VersionRow } from '../../format/rows-version.js'
import type { Vector } from '../../model/manifest.js'
import { covers } from '../../model/manifest.js'
import { journalKey, keyOfHead, versionKey } from '../index/keys.js'
import type { Row } from '../index/table.js'
import { ALL, pagesUnder, type Tables } from '../index/tables.js'
import { IndexTransaction } from '../index/transaction.js'
import type { PackReader } from '../packs/reader.js'
import { type RebuildParts, write } from './parts.js'
import { headOfKept, stampOfLatest, uidOf } from './scratch.js'

const NO_BYTES = Buffer.alloc(0)

/** One version that is kept, with what decides whether it is a tip. */
interface Kept {
  readonly head: Buffer
  readonly row: VersionRow
  readonly vector: Vector
}

/** Last pass: heads, versions and journals, and what is counted of them. Returns how many versions that are. */
export async function writeVersions(parts: RebuildParts): Promise<number> {
  const { home, scratch, tables, reader, signal } = parts
  const line = new KeyLine(tables)
  let versions = 0
  for await (const page of pagesUnder(scratch.kept, ALL)) {
    signal?.throwIfAborted()
    versions += page.length
    const kept = await withVectors(page, reader)
    inTransaction(home, tables, kept.length, (tx) => line.addAll(tx, kept))
  }
  inTransaction(home, tables, 1, (tx) => line.end(tx))
  return versions
}

/** Up to when deletes were forgotten, of the buckets that there are. */
export async function writeFloors({ home, scratch, tables }: RebuildParts): Promise<void> {
  for await (const page of pagesUnder(scratch.floors, ALL)) {
    inTransaction(home, tables, page.length, (tx) => raiseFloors(tx, page))
  }
}

function raiseFloors(tx: IndexTransaction, page: readonly Row[]): void {
  for (const { key, value } of page) if (tx.hasBucket(uidOf(key))) tx.raiseFloor(uidOf(key), stampOfLatest(value))
}

function inTransaction(home: string, tables: Tables, rows: number, work: (tx: IndexTransaction) => void): void {
  write(home, tables, rows, () => {
    const tx = new IndexTransaction(tables)
    work(tx)
    tx.finish()
  })
}

async function withVectors(page: readonly Row[], reader: PackReader): Promise<Kept[]> {
  const rows = page.map(({ value }) => decodeVersionRow(value))
  const unsure = rows.filter(({ vectorIsStamp }) => !vectorIsStamp)
  const payloads = await reader.read(unsure.map(({ manifest }) => manifest))
  const vectors = new Map(unsure.map(({ id }, i) => [id, decodeVersion(id, payloads[i] ?? NO_BYTES).manifest.vector]))
  return page.flatMap(({ key }, i): Kept[] => {
    const row = rows[i]
    if (row === undefined) return []
    const vector = vectors.get(row.id) ?? { [row.stamp.segment]: row.stamp.time }
    return [{ head: headOfKept(key), row, vector }]
  })
}

/**
 * The versions of one key after the other, of each the latest first. That one is the head. A version that descends from
 * another has a later stamp, so each needs to be held only against the tips that have come before it.
 */
class KeyLine {
  #head: Kept | undefined
  #tips: Vector[] = []
  #others = 0

  constructor(readonly tables: Tables) {}

  /** In a transaction. */
  addAll(tx: IndexTransaction, kept: readonly Kept[]): void {
    for (const one of kept) this.#add(tx, one)
  }

  /** In a transaction: all versions of the key have come. */
  end(tx: IndexTransaction): void {
    if (this.#head === undefined) return
    const { head, row } = this.#head
    const whole = { ...row, tips: this.#tips.length, others: this.#others }
    this.tables.heads.putSync(head, encodeVersionRow(whole))
    tx.replaceHead(uidOf(head), keyOfHead(head), undefined, whole)
    this.#head = undefined
    this.#tips = []
    this.#others = 0
  }

  #add(tx: IndexTransaction, { head, row, vector }: Kept): void {
    if (this.#head !== undefined && !this.#head.head.equals(head)) this.end(tx)
    const bucket = uidOf(head)
    const sequence = tx.nextSequence(bucket)
    this.tables.journals.putSync(journalKey(bucket, sequence), encodeJournalRow(row.id, keyOfHead(head)))
    tx.countVersions(bucket, 1)
    const tip = !this.#tips.some((later) => covers(later, vector))
    if (tip) this.#tips.push(vector)
    const numbered = { ...row, sequence, tip, tips: 1, others: 0 }
    if (this.#head === undefined) {
      this.#head = { head, row: numbered, vector }
      return
    }
    this.#others++
    this.tables.versions.putSync(versionKey(head, row), encodeVersionRow(numbered))
  }
}
