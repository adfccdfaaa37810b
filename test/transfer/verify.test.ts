import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Endpoint, Parked, Source } from '../../src/model/endpoint.js'
import { type Difference, type Proof, verifySides } from '../../src/transfer/verify.js'
import { Faults } from '../fakes/faults.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { MemoryFolder } from '../fakes/memory-folder.js'
import { bucketTree, folderTree, plant, type Tree } from './trees.js'

interface Outcome {
  readonly found: string[]
  readonly proof: Proof
  readonly parked: Parked[]
}

type Place = Endpoint & { readonly source: Source }

async function verify(a: Place, b: Place, options: { metadata?: boolean; strict?: boolean } = {}): Promise<Outcome> {
  const parked: Parked[] = []
  const all = { a, b, metadata: false, strict: false, parcelsInFlight: 2, ...options }
  const run = verifySides(all, (what) => parked.push(what))
  const found: Difference[] = []
  for (;;) {
    const next = await run.next()
    if (next.done) return { found: found.map(({ key, what }) => `${key}: ${what}`).sort(), proof: next.value, parked }
    found.push(...next.value)
  }
}

/** What differs, by looking at the trees. */
function naive(a: Tree, b: Tree, metadata: boolean): string[] {
  const keys = [...new Set([...a.keys(), ...b.keys()])].filter((key) => metadata || !key.endsWith('/'))
  return keys
    .flatMap((key) => {
      const [x, y] = [a.get(key), b.get(key)]
      if (x === undefined || y === undefined) return [`${key}: only in ${x ? 'A' : 'B'}`]
      if (x.kind !== y.kind) return [`${key}: kind`]
      if (Buffer.compare(x.bytes, y.bytes) !== 0) return [`${key}: content`]
      return metadata && (x.mode !== y.mode || x.mtimeNs !== y.mtimeNs) ? [`${key}: metadata`] : []
    })
    .sort()
}

const places: [string, () => MemoryBucket | MemoryFolder, () => MemoryBucket | MemoryFolder, fc.Arbitrary<Tree>][] = [
  ['buckets', () => new MemoryBucket(), () => new MemoryBucket(new Faults(), 8), bucketTree],
  ['a folder and a bucket', () => new MemoryFolder(), () => new MemoryBucket(), folderTree],
  ['a bucket and a folder', () => new MemoryBucket(), () => new MemoryFolder(), folderTree],
]

test.each(places)('finds what differs and nothing else: %s', async (_, openA, openB, tree) => {
  await fc.assert(
    fc.asyncProperty(tree, tree, fc.boolean(), fc.boolean(), async (left, right, metadata, strict) => {
      const [a, b] = [openA(), openB()]
      plant(left, a)
      plant(right, b)
      const { found, proof, parked } = await verify(a, b, { metadata, strict })
      expect(found).toEqual(naive(left, right, metadata))
      const objects = [...left.values()].filter(({ kind }) => kind !== 'folder')
      expect(proof).toMatchObject({
        objects: objects.length,
        bytes: objects.reduce((sum, { bytes }) => sum + bytes.length, 0),
      })
      expect(parked).toEqual([])
      const twin = openB()
      plant(left, twin)
      expect((await verify(a, twin, { metadata, strict })).found).toEqual([])
    }),
  )
})

test('what cannot be looked at or read is told, and is no difference', async () => {
  const folder = new MemoryFolder()
  const bucket = new MemoryBucket()
  for (const place of [folder, bucket]) {
    place.write('a/', Buffer.alloc(0), {}, 'folder')
    for (const key of ['a/x', 'b', 'c']) place.write(key, Buffer.from(`${key} content`))
  }
  folder.closed.add('a/').add('b')
  const { found, parked } = await verify(folder, bucket, { metadata: true })
  expect(found).toEqual([])
  expect(parked.map(({ key }) => key).sort()).toEqual(['a/', 'b'])
})

/** A bucket with digests of four cells, by the length of the key. */
function digested(bucket: MemoryBucket, cells: readonly string[]): Place {
  const keeps = { objects: 7, bytes: 70, digest: () => cells.join(), cells: () => cells }
  return Object.assign(bucket, { digested: { ...keeps, cellOf: (key: string) => key.length } })
}

test('equal digests need no listing, unless every entry is to be compared', async () => {
  const [a, b] = [new MemoryBucket(), new MemoryBucket()]
  for (const bucket of [a, b]) for (const key of ['x', 'yy']) bucket.write(key, Buffer.from(key))
  const digest = a.digested?.digest('content')
  expect((await verify(a, b)).proof).toEqual({ objects: 2, bytes: 3, digest })
  expect(a.faults.count('list') + b.faults.count('list')).toBe(0)
  expect((await verify(a, b, { strict: true })).proof).toEqual({ objects: 2, bytes: 3 })
  expect(a.faults.count('list') + b.faults.count('list')).toBe(2)
})

test('where digests differ, only keys of the cells that differ are compared', async () => {
  const [a, b] = [new MemoryBucket(), new MemoryBucket()]
  for (const key of ['x', 'yy', 'zzz']) a.write(key, Buffer.from(key))
  const { found, proof } = await verify(digested(a, ['0', '1', '2', '3']), digested(b, ['0', '9', '2', '9']))
  expect(found).toEqual(['x: only in A', 'zzz: only in A'])
  expect(proof).toEqual({ objects: 7, bytes: 70 })
})
