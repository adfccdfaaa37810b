import { readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { syncFolder, writePartial } from '../base/durable-file.js'
import { ifThere } from '../base/errors.js'
import type { Documents } from '../model/documents.js'
import { type Tables, transact } from './index/tables.js'
import { inWords } from './store-error.js'

const ENDING = '.json'

/**
 * Each text is a file of `folder`, which is made with the first. A file is written whole beside its target; the index's write lock, which
 * the system takes from a process that dies, is held only for the look at what stands there and the rename.
 */
export function createDocuments(tables: Tables, folder: string): Documents {
  const fileOf = (name: string): string => path.join(folder, `${name}${ENDING}`)

  const read = (name: string): string | undefined => ifThere(() => readFileSync(fileOf(name), 'utf8'))

  /** Whether the text was still `before`. */
  const swap = (name: string, before: string | undefined, partial: string | undefined): boolean =>
    transact(tables, () => {
      if (read(name) !== before) return false
      if (partial === undefined) rmSync(fileOf(name), { force: true })
      else renameSync(partial, fileOf(name))
      return true
    })

  /** Whether nobody else was faster. */
  async function replace(name: string, before: string | undefined, after: string | undefined): Promise<boolean> {
    if (after === before) return true
    const partial = after === undefined ? undefined : await writePartial(fileOf(name), Buffer.from(after))
    try {
      if (!swap(name, before, partial)) return false
      await syncFolder(folder)
      return true
    } finally {
      if (partial !== undefined) rmSync(partial, { force: true })
    }
  }

  return {
    names: () =>
      (ifThere(() => readdirSync(folder)) ?? [])
        .flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : []))
        .sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))),
    read,
    change: (name, change) =>
      inWords(tables.home, async () => {
        if ((await mkdir(folder, { recursive: true })) !== undefined) await syncFolder(path.dirname(folder))
        for (;;) {
          const before = read(name)
          const { after, result } = change(before)
          if (await replace(name, before, after)) return result
        }
      }),
  }
}
