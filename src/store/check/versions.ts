import { decodeVersion } from '../../format/manifest.js'
import { decodeJournalRow } from '../../format/rows-bucket.js'
import { decodeVersionRow, encodeVersionRow, type VersionRow } from '../../format/rows-version.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { BucketUid } from '../../model/ids.js'
import type { Named } from '../../model/name-space.js'
import type { ChunkStore } from '../../model/segment.js'
import { Marks } from '../collect/marks.js'
import { headOfVersion, journalKey, keyOfHead, uidKey, versionKey } from '../index/keys.js'
import { buckets } from '../index/name-rows.js'
import type { Row, Table } from '../index/table.js'
import { pagesUnder, type Tables } from '../index/tables.js'
import { rowOf } from '../index/version-rows.js'
import { orDamage } from '../store-error.js'
import { readable, visitTrees } from '../trees.js'
import { type CheckParts, inIndex, standsIn, type Wound } from './parts.js'

/**
 * Holds each version's row against its manifest and its row in the journal, and looks whether the index has every chunk under it.
 * What stands in `wounds` is told already. Memory is a bit a chunk, and what is found.
 */
export async function checkVersions(
  parts: CheckParts,
  wounds: readonly Wound[],
  signal: AbortSignal | undefined,
): Promise<Wound[]> {
  const check = new VersionCheck(parts)
  const { heads, versions } = parts.tables
  for (const bucket of buckets(parts.tables)) {
    for (const table of [heads, versions]) {
      for await (const page of pagesUnder(table, uidKey(bucket.uid))) {
        signal?.throwIfAborted()
        const seen = page.map(({ key, value }) => ({ key, value, bucket, table, row: decodeVersionRow(value) }))
        await check.look(
          seen.filter(({ row }) => !wounds.some((wound) => standsIn(wound, row.manifest))),
          signal,
        )
      }
    }
  }
  return check.wounds
}

interface Seen extends Row {
  readonly bucket: Named
  readonly table: Table
  readonly row: VersionRow
}

class VersionCheck {
  readonly wounds: Wound[] = []
  readonly #marks = new Marks()
  readonly #missing = new Set<string>()

  constructor(readonly parts: CheckParts) {}

  async look(page: readonly Seen[], signal: AbortSignal | undefined): Promise<void> {
    await this.#compare(page)
    const roots = page.flatMap(({ row }) => row.root?.ref ?? [])
    // A node that is damaged is a wound of its own.
    const get: ChunkStore['get'] = (refs) => readable(this.parts.chunks, refs)
    await visitTrees({ get }, roots, (refs) => this.#fresh(refs), signal)
  }

  /** All at once; where one cannot be read each by itself. */
  async #compare(page: readonly Seen[]): Promise<void> {
    const read = await orDamage(() => this.parts.reader.read(page.map(({ row }) => row.manifest)))
    for (const [i, seen] of page.entries()) {
      if ('fault' in read && page.length > 1) await this.#compare([seen])
      else if ('fault' in read || !(await fits(this.parts.tables, seen, read.value[i]))) this.#tell(seen)
    }
  }

  /** A row may have gone since, or its manifest have been moved. */
  #tell({ key, value, bucket, table, row }: Seen): void {
    if (table.get(key)?.equals(value) !== true) return
    const name = `${bucket.path}/${keyOfHead(headOf(this.parts.tables, table, key))}`
    this.wounds.push(inIndex(`the row of version ${row.id.slice(0, 16)} of ${name} is not what its records say`))
  }

  /** Those that were not marked yet and are to be looked under. */
  #fresh(refs: readonly ChunkRef[]): ChunkRef[] {
    return refs.filter(({ id, node }) => {
      const row = this.parts.index.row(id)
      if (row !== undefined) return this.#marks.add(row.dense) && node
      if (!this.#missing.has(id)) this.wounds.push(inIndex(`chunk ${id.slice(0, 16)} is needed and has no row`, id))
      this.#missing.add(id)
      return false
    })
  }
}

const NO_BYTES = Buffer.alloc(0)

const headOf = ({ heads }: Tables, table: Table, key: Buffer): Buffer => (table === heads ? key : headOfVersion(key))

async function fits(
  tables: Tables,
  { key, value, bucket, table, row }: Seen,
  manifest: Buffer = NO_BYTES,
): Promise<boolean> {
  const version = await orDamage(() => decodeVersion(row.id, manifest))
  if ('fault' in version) return false
  const { sequence, tip } = row
  const head = headOf(tables, table, key)
  const isHead = table === tables.heads
  const isKey = isHead || versionKey(head, row).equals(key)
  const { tips, others } = isHead ? row : { tips: 1, others: 0 }
  const told = encodeVersionRow({ ...rowOf(version.value, row.manifest, sequence, tip), tips, others })
  return isKey && told.equals(value) && isInJournal(tables, bucket.uid, head, row)
}

function isInJournal({ journals }: Tables, uid: BucketUid, head: Buffer, { id, sequence }: VersionRow): boolean {
  const bytes = journals.get(journalKey(uid, sequence))
  const entry = bytes && decodeJournalRow(bytes)
  return entry?.id === id && entry.key === keyOfHead(head)
}
