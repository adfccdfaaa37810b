import { EfsError } from '../../base/errors.js'
import { decodeVersionRow } from '../../format/rows-version.js'
import type { ChunkRef } from '../../model/chunk.js'
import type { ChunkStore } from '../../model/segment.js'
import type { ChunkIndex } from '../index/chunk-rows.js'
import { headOfVersion, UID_BYTES } from '../index/keys.js'
import { ALL, pagesUnder, type Tables } from '../index/tables.js'
import { visitTrees } from '../trees.js'
import { Marks } from './marks.js'
import type { Usage } from './usage.js'

export interface MarkParts {
  readonly tables: Tables
  readonly index: ChunkIndex
  readonly chunks: ChunkStore
}

/**
 * Marks every chunk that a version needs, and books the manifests. What is published meanwhile may be missed: whoever publishes
 * while a collection runs sees to its chunks itself.
 * @throws CORRUPT where a version needs what is not here or cannot be read: what hangs on it would be taken for garbage
 */
export async function markLive(parts: MarkParts, usage: Usage, signal: AbortSignal | undefined): Promise<Marks> {
  const marker = new Marker(parts)
  const { tables } = parts
  for (const table of [tables.heads, tables.versions]) {
    for await (const page of pagesUnder(table, ALL)) {
      signal?.throwIfAborted()
      const roots: ChunkRef[] = []
      for (const { key, value } of page) {
        const head = table === tables.heads ? key : headOfVersion(key)
        if (!tables.uids.doesExist(head.subarray(0, UID_BYTES))) continue
        const { root, manifest } = decodeVersionRow(value)
        usage.addManifest(manifest, head.length - UID_BYTES)
        if (root !== undefined) roots.push(root.ref)
      }
      await marker.mark(roots, signal)
    }
  }
  return marker.marks
}

class Marker {
  readonly marks = new Marks()

  constructor(readonly parts: MarkParts) {}

  mark(roots: readonly ChunkRef[], signal: AbortSignal | undefined): Promise<void> {
    return visitTrees(this.parts.chunks, roots, (refs) => this.#fresh(refs), signal)
  }

  /** Marks them, and gives the nodes among them that nobody has looked under yet. */
  #fresh(refs: readonly ChunkRef[]): ChunkRef[] {
    return refs.filter(({ id, node }) => {
      const row = this.parts.index.row(id)
      if (row === undefined) throw gone(id)
      return this.marks.add(row.dense) && node
    })
  }
}

const gone = (id: string): EfsError =>
  new EfsError('CORRUPT', `chunk ${id.slice(0, 16)} is needed and not here, so nothing is collected`, {
    hint: 'efs system check names what it harms, efs system check --repair makes the index anew',
  })
