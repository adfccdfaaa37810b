import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { Domain, withinDomain } from '../../src/endpoints/domain.js'
import { EarlyNodes } from '../../src/endpoints/early-nodes.js'
import { liveBucket } from '../../src/endpoints/live-bucket.js'
import { encodeNode } from '../../src/format/node.js'
import type { Brought } from '../../src/model/brought.js'
import { type Chunk, makeChunk, plainOf } from '../../src/model/chunk.js'
import type { ChunkId } from '../../src/model/ids.js'
import type { LiveBucket } from '../../src/model/live.js'
import { done, fileOf, leaf, tree, treeFile } from '../contracts/samples.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'

const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const
const OVERWRITE = { overwrite: true }

const listed = (ids: ChunkId[]): Brought => ({
  async *all() {
    yield ids
  },
  note: async (more) => {
    ids.push(...more)
  },
})

/** Two tenants of one segment, and how a peer of the second one sees a bucket there. */
async function twoTenants(): Promise<{
  readonly theirs: LiveBucket
  readonly own: LiveBucket
  readonly guest: LiveBucket
  /** As another session sees it at that time. */
  readonly other: LiveBucket
  /** As that peer sees it after the gateway was started anew. */
  readonly restarted: () => LiveBucket
}> {
  const segment = new MemorySegment(systemClock)
  const bucket = async (path: string): Promise<LiveBucket> =>
    liveBucket(segment, await segment.names.create(path, {}), STORING)
  for (const name of ['a', 'a/theirs', 'a/own']) await segment.names.create(name, {})
  const [theirs, own] = [await bucket('a/theirs/b'), await bucket('a/own/b')]
  const brought: ChunkId[] = []
  const domainOf = () => new Domain(() => [own], listed(brought))
  const domain = domainOf()
  return {
    theirs,
    own,
    guest: withinDomain(own, domain, new EarlyNodes()),
    other: withinDomain(own, domain, new EarlyNodes()),
    restarted: () => withinDomain(own, domainOf(), new EarlyNodes()),
  }
}

const secret = leaf('a secret of others')
const { node, leaves } = tree(['one', 'two'])
const refsOf = (chunks: readonly Chunk[]) => chunks.map(({ ref }) => ref)

async function keep(bucket: LiveBucket, chunks: readonly Chunk[], content: Parameters<typeof done>[1]): Promise<void> {
  await bucket.sink.put(chunks, [])
  const results = await bucket.sink.publish([done('k', content)], OVERWRITE)
  expect(results.map(({ status }) => status)).toEqual(['published'])
}

test('what another tenant has is missing, and is not given out', async () => {
  const { theirs, guest } = await twoTenants()
  await keep(theirs, [secret], fileOf(secret))
  expect(await guest.sink.missing([secret.ref])).toEqual([secret.ref])
  await expect(guest.source.fetch([secret.ref])).rejects.toMatchObject({ code: 'REFUSED' })
})

test('a version that stands on chunks of others is not taken before they were brought', async () => {
  const { theirs, guest } = await twoTenants()
  await keep(theirs, [secret], fileOf(secret))
  const stolen = [done('stolen', fileOf(secret))]
  expect(await guest.sink.publish(stolen, OVERWRITE)).toEqual([{ status: 'needs', refs: [secret.ref] }])
  await guest.sink.put([secret], [])
  expect((await guest.sink.publish(stolen, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})

test('nor by way of a node that names them', async () => {
  const { theirs, guest } = await twoTenants()
  await keep(theirs, leaves, fileOf(leaves[0] ?? secret))
  await guest.sink.put([node], [])
  const stolen = [done('stolen', treeFile(['one', 'two']))]
  expect(await guest.sink.publish(stolen, OVERWRITE)).toEqual([{ status: 'needs', refs: [node.ref] }])
  await expect(guest.source.fetch(refsOf(leaves))).rejects.toMatchObject({ code: 'REFUSED' })
  await guest.sink.put(leaves, [])
  expect((await guest.sink.publish(stolen, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})

test('what the own tenant has, whoever brought it, is known and given out, trees and all', async () => {
  const { own, guest } = await twoTenants()
  await keep(own, [...leaves, node], treeFile(['one', 'two']))
  expect(await guest.sink.missing([node.ref, ...refsOf(leaves)])).toEqual([])
  expect(await guest.source.fetch(refsOf([...leaves, node]))).toHaveLength(3)
  await keep(own, [secret], fileOf(secret))
  expect(await guest.source.fetch([secret.ref])).toHaveLength(1)
})

test('nor by way of a node whose bytes were brought as those of a leaf', async () => {
  const { theirs, guest } = await twoTenants()
  await keep(theirs, [...leaves, node], treeFile(['one', 'two']))
  await guest.sink.put([makeChunk(plainOf(node), false, false)], [])
  const stolen = [done('stolen', treeFile(['one', 'two']))]
  expect(await guest.sink.missing([node.ref])).toEqual([node.ref])
  expect(await guest.sink.publish(stolen, OVERWRITE)).toEqual([{ status: 'needs', refs: [node.ref] }])
  await expect(guest.source.fetch([node.ref])).rejects.toMatchObject({ code: 'REFUSED' })
  await guest.sink.put([...leaves, node], [])
  expect((await guest.sink.publish(stolen, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})

test('trees of many levels may be brought in any order', async () => {
  const { guest } = await twoTenants()
  const nodes = [node]
  for (let level = 2; level <= LIMITS.treeDepthMax; level++) {
    const [below = node] = nodes
    nodes.unshift(makeChunk(encodeNode(level, [{ span: 6, ref: below.ref }]), true, false))
  }
  const [top = node] = nodes
  const { root: _, ...file } = treeFile(['one', 'two'])
  const whole = [done('deep', { ...file, root: { ref: top.ref, depth: LIMITS.treeDepthMax } })]
  await guest.sink.put(nodes, [])
  expect(await guest.sink.publish(whole, OVERWRITE)).toEqual([{ status: 'needs', refs: [top.ref] }])
  await guest.sink.put(leaves, [])
  expect((await guest.sink.publish(whole, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})

test('nodes without their chunks are remembered in a bounded number, and take nothing from other sessions', async () => {
  const { guest, other } = await twoTenants()
  const { length } = Buffer.from(leaf('').ref.id, 'hex')
  const unknown = (i: number): Chunk['ref'] => {
    const id = Buffer.alloc(length, 0xab)
    id.writeUInt32BE(i)
    return { ...secret.ref, id: id.toString('hex') as ChunkId }
  }
  const many = LIMITS.earlyRefsMax / LIMITS.nodeEntriesMax + 1
  const useless = Array.from({ length: many }, (_, n) => {
    const refs = Array.from({ length: LIMITS.nodeEntriesMax }, (_, i) => unknown(n * LIMITS.nodeEntriesMax + i))
    return makeChunk(
      encodeNode(
        1,
        refs.map((ref) => ({ span: ref.size, ref })),
      ),
      true,
      false,
    )
  })
  await guest.sink.put([node], [])
  await other.sink.put([node], [])
  await guest.sink.put(useless, [])
  await other.sink.put(leaves, [])
  const whole = [done('whole', treeFile(['one', 'two']))]
  expect(await guest.sink.publish(whole, OVERWRITE)).toEqual([{ status: 'needs', refs: [node.ref] }])
  expect((await other.sink.publish(whole, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})

test("what was brought of an object that is not whole is not asked for again after a restart, and is no other tenant's", async () => {
  const { guest, theirs, restarted } = await twoTenants()
  await keep(theirs, [secret], fileOf(secret))
  await guest.sink.put(leaves.slice(0, 1), [])
  const again = restarted()
  expect(await again.sink.missing([...refsOf(leaves), secret.ref])).toEqual([leaves[1]?.ref, secret.ref])
  await again.sink.put([...leaves.slice(1), node], [])
  const whole = [done('whole', treeFile(['one', 'two']))]
  expect((await again.sink.publish(whole, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
})
