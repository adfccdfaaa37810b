import { hashHex } from '../../src/base/hash.js'
import { encodeNode } from '../../src/format/node.js'
import { type Chunk, makeChunk } from '../../src/model/chunk.js'
import type { Done } from '../../src/model/endpoint.js'
import { contentHash } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Attributes, type Content, DELETION } from '../../src/model/manifest.js'

/** A clock that stands until it is moved. */
export class HandClock {
  constructor(public ms: number) {}
  nowMs(): number {
    return this.ms
  }
}

export const leaf = (text: string): Chunk => makeChunk(Buffer.from(text), false, false)

/** A tree of one node over leaves. */
export function tree(texts: readonly string[]): { readonly node: Chunk; readonly leaves: readonly Chunk[] } {
  const leaves = texts.map(leaf)
  const entries = leaves.map(({ ref }) => ({ span: ref.size, ref }))
  return { node: makeChunk(encodeNode(1, entries), true, false), leaves }
}

/** A file whose only chunk is `chunk`. */
export const fileOf = (chunk: Chunk, attributes: Attributes = { mode: 0o644 }): Content => ({
  kind: 'file',
  size: chunk.ref.size,
  contentHash: contentHash(chunk.ref.id),
  attributes,
  root: { ref: chunk.ref, depth: 0 },
})

export const inlineFile = (text: string, attributes: Attributes = { mode: 0o644 }): Content => ({
  kind: 'file',
  size: Buffer.byteLength(text),
  contentHash: contentHash(hashHex(Buffer.from(text))),
  attributes,
  root: { inline: Buffer.from(text) },
})

export function treeFile(texts: readonly string[]): Content {
  const { node } = tree(texts)
  const all = Buffer.from(texts.join(''))
  return {
    kind: 'file',
    size: all.length,
    contentHash: contentHash(hashHex(all)),
    attributes: {},
    root: { ref: node.ref, depth: 1 },
  }
}

export const folder = (attributes: Attributes = { mode: 0o755 }): Content => ({
  ...DELETION,
  kind: 'folder',
  attributes,
})

export const done = (key: string, content: Done['content'], object = 0): Done => ({
  object,
  key: objectKey(key),
  content,
})

export async function collected<T>(pages: AsyncIterable<readonly T[]>): Promise<T[]> {
  const all: T[] = []
  for await (const page of pages) all.push(...page)
  return all
}
