import fc from 'fast-check'
import type { Chunk, ChunkRef } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION } from '../../src/model/manifest.js'
import { DELETE_AFTER } from '../../src/model/retention.js'
import { fileOf, folder, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'

/** Few of each, so that they meet. */
export const BUCKETS = ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2'] as const
export const KEYS = [objectKey('a'), objectKey('a/b'), objectKey('\uFF5E'), objectKey('\u{1F600}')] as const

export interface Sample {
  readonly name: string
  readonly content: Content
  readonly chunks: readonly Chunk[]
}

const inline = (name: string, attributes: Content['attributes']): Sample => ({
  name,
  content: inlineFile('inline', attributes),
  chunks: [],
})

function treeOf(name: string, texts: readonly string[]): Sample {
  const { node, leaves } = tree(texts)
  return { name, content: treeFile(texts), chunks: [...leaves, node] }
}

const one = leaf('one')

const DELETE: Sample = { name: 'a delete', content: DELETION, chunks: [] }

const SAMPLES: readonly Sample[] = [
  inline('inline', { mode: 0o644 }),
  inline('inline of another mode', { mode: 0o600, mtimeNs: -1n }),
  inline('inline with a key of its user', { mode: 0o644, user: { 'X-A': '1' } }),
  inline('inline for two seconds', { mode: 0o644, user: { [DELETE_AFTER]: '2' } }),
  { name: 'one chunk', content: fileOf(one), chunks: [one] },
  treeOf('a tree', ['one', 'two']),
  treeOf('a tree beside it', ['two', 'three', 'four']),
  { name: 'a folder', content: folder(), chunks: [] },
  DELETE,
]

export const REFS: readonly ChunkRef[] = SAMPLES.flatMap(({ chunks }) => chunks.map(({ ref }) => ref))

export const anyBucket = fc.constantFrom(...BUCKETS, BUCKETS[0])
/** Mostly the first, so that it gets a history. */
export const anyKey = fc.oneof(
  { weight: 2, arbitrary: fc.constant(KEYS[0]) },
  { weight: 1, arbitrary: fc.constantFrom(...KEYS) },
)
export const anySample = fc.constantFrom(...SAMPLES, DELETE)
