import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { Domain, withinDomain } from '../../src/endpoints/domain.js'
import { liveBucket } from '../../src/endpoints/live-bucket.js'
import type { Brought } from '../../src/model/brought.js'
import type { Chunk } from '../../src/model/chunk.js'
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
  /** As that peer sees it after the gateway was started anew. */
  readonly restarted: () => LiveBucket
}> {
  const segment = new MemorySegment(systemClock)
  const bucket = async (path: string): Promise<LiveBucket> =>
    liveBucket(segment, await segment.names.create(path, {}), STORING)
  for (const name of ['a', 'a/theirs', 'a/own']) await segment.names.create(name, {})
  const [theirs, own] = [await bucket('a/theirs/b'), await bucket('a/own/b')]
  const brought: ChunkId[] = []
  const lent = (): LiveBucket => withinDomain(own, new Domain(() => [own], listed(brought)))
  return { theirs, own, guest: lent(), restarted: lent }
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

test('nodes without their chunks are taken in a bounded number', async () => {
  const { guest } = await twoTenants()
  const nodes = Array.from({ length: 5000 }, (_, i) => tree([`${i}`, `${i} more`]).node)
  await expect(guest.sink.put(nodes, [])).rejects.toMatchObject({ code: 'REFUSED' })
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
