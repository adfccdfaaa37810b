import type { IndexRow } from '../../format/rows-home.js'
import { VERSION_ROW_BYTES } from '../../format/rows-version.js'
import { homePaths } from '../home.js'
import { hasSoundPages } from '../index/pages.js'
import { readIndexFormat, readIndexRow } from '../index/row.js'
import type { Table } from '../index/table.js'
import { ALL, openTables, pagesUnder, type Tables, withSnapshot } from '../index/tables.js'

/*
 * Reads an index for another process, because LMDB ends a process that reads a damaged one. It is asked, one message
 * after the other, and answers each with one.
 */

export type Question = { readonly ask: 'open'; readonly home: string } | { readonly ask: 'page' | 'pages' }

export interface OldVersion {
  readonly head: Buffer
  /** Version id, 32 bytes. */
  readonly id: Buffer
  /** Of the bucket. */
  readonly path: string | undefined
}

export type Answer =
  /** No row as format 1 wrote it. */
  | { readonly format: number; readonly row: IndexRow | undefined }
  /** Undefined at the end. */
  | { readonly page: readonly OldVersion[] | undefined }
  | { readonly areSound: boolean }
  | { readonly error: string }

const ID_AT = 48
const UID_BYTES = 16

let tables: Tables | undefined
let pages: AsyncGenerator<readonly OldVersion[]> | undefined

async function answer(question: Question): Promise<Answer> {
  if (question.ask === 'open') {
    tables = openTables(question.home, homePaths(question.home).index)
    const format = readIndexFormat(tables)
    return { format, row: format < 2 ? undefined : readIndexRow(tables) }
  }
  if (tables === undefined) throw new RangeError('it was not opened')
  if (question.ask === 'pages') return { areSound: await areSound(tables) }
  pages ??= versionsOf(tables)
  return { page: (await pages.next()).value }
}

/** While the index is read nobody writes to pages that it uses. */
const areSound = (index: Tables): Promise<boolean> =>
  withSnapshot(index, async (snapshot) => {
    readIndexFormat(index, snapshot)
    return hasSoundPages(homePaths(index.home).index)
  })

async function* versionsOf({ heads, versions, uids }: Tables): AsyncGenerator<readonly OldVersion[]> {
  for (const table of [heads, versions]) {
    let last: Buffer = ALL
    for await (const page of pagesUnder(table, ALL)) {
      const first = page[0]?.key ?? ALL
      // Damage can lead a walk back to where it has been.
      if (Buffer.compare(first, last) < 0) break
      last = page.at(-1)?.key ?? last
      yield page.flatMap(({ key, value }) => (value.length === VERSION_ROW_BYTES ? versionOf(uids, key, value) : []))
    }
  }
}

/** The keys of both tables begin with that of the head; in it there is no NUL behind the uid. */
function versionOf(uids: Table, key: Buffer, row: Buffer): OldVersion {
  const end = key.indexOf(0, UID_BYTES)
  const head = end < 0 ? key : key.subarray(0, end)
  return {
    head,
    id: row.subarray(ID_AT, ID_AT + 32),
    path: uids.get(head.subarray(0, UID_BYTES))?.toString(),
  }
}

process.on('message', (question: Question) => {
  answer(question)
    .catch((error: unknown): Answer => ({ error: String(error) }))
    .then((reply) => process.send?.(reply))
})
