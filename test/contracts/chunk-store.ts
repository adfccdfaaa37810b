import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { type Chunk, makeChunk, plainOf } from '../../src/model/chunk.js'
import type { ChunkStore } from '../../src/model/segment.js'
import { leaf, tree } from './samples.js'

export interface OpenChunks {
  readonly chunks: ChunkStore
  close(): Promise<void>
}

/** What every ChunkStore does. */
export function chunkStoreContract(name: string, open: () => Promise<OpenChunks>): void {
  describe(`${name} keeps chunks`, () => {
    let store: OpenChunks
    beforeEach(async () => {
      store = await open()
    })
    afterEach(() => store.close())
    const textOf = (chunk: Chunk | undefined): string => (chunk ? Buffer.from(plainOf(chunk)).toString() : '')

    test('what was never put is missing, what was put is not', async () => {
      const [here, gone] = [leaf('here'), leaf('gone')]
      expect(store.chunks.missing([here.ref, gone.ref])).toEqual([here.ref, gone.ref])
      await store.chunks.put([here])
      expect(store.chunks.missing([gone.ref, here.ref])).toEqual([gone.ref])
      await store.chunks.flush()
      expect(store.chunks.missing([here.ref])).toEqual([])
    })

    test('chunks come back in the order asked, twice if asked twice, before a flush and after', async () => {
      const [a, b, c] = [leaf('a'), leaf('b'.repeat(5000)), makeChunk(Buffer.from('c'.repeat(9000)), false, true)]
      await store.chunks.put([a, b])
      await store.chunks.put([c])
      const asked = [c.ref, a.ref, b.ref, a.ref]
      const expected = ['c'.repeat(9000), 'a', 'b'.repeat(5000), 'a']
      expect((await store.chunks.get(asked)).map(textOf)).toEqual(expected)
      await store.chunks.flush()
      expect((await store.chunks.get(asked)).map(textOf)).toEqual(expected)
    })

    test('a chunk that is put by several at once is here once', async () => {
      const chunk = leaf('once')
      await Promise.all([store.chunks.put([chunk]), store.chunks.put([chunk]), store.chunks.put([chunk, chunk])])
      await store.chunks.flush()
      expect((await store.chunks.get([chunk.ref])).map(textOf)).toEqual(['once'])
    })

    test('a chunk of the greatest size comes back', async () => {
      const chunk = makeChunk(Buffer.alloc(LIMITS.chunkBytesMax, 7), false, false)
      await store.chunks.put([chunk])
      const [back] = await store.chunks.get([chunk.ref])
      expect(back?.ref).toEqual(chunk.ref)
    })

    test('what is not here is NOT_FOUND', async () => {
      await expect(store.chunks.get([leaf('nowhere').ref])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    })

    test('a ref that lies about the size is refused', async () => {
      const chunk = leaf('true size')
      await store.chunks.put([chunk])
      await expect(store.chunks.get([{ ...chunk.ref, size: 1 }])).rejects.toMatchObject({ code: 'CORRUPT' })
    })

    test('a node whose leaves nobody has looked for is missing, though its bytes are here', async () => {
      const { node, leaves } = tree(['left', 'right'])
      await store.chunks.put([...leaves, node])
      expect(store.chunks.missing([node.ref])).toEqual([node.ref])
      expect((await store.chunks.get([node.ref])).length).toBe(1)
    })

    test('a signal that has gone off stops put and get', async () => {
      const signal = AbortSignal.abort(new Error('stop'))
      await expect(store.chunks.put([leaf('x')], { signal })).rejects.toThrow('stop')
      await store.chunks.put([leaf('x')])
      await expect(store.chunks.get([leaf('x').ref], { signal })).rejects.toThrow('stop')
    })
  })
}
