import { expect, test } from 'vitest'
import { type Chunk, type ChunkRef, makeChunk } from '../../src/model/chunk.js'
import type { Done, Parcel, PublishResult, Sink } from '../../src/model/endpoint.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { createStats } from '../../src/stats/counters.js'
import { noPages } from '../../src/transfer/merge-join.js'
import { Mover } from '../../src/transfer/mover.js'
import { unpaced } from '../../src/transfer/pace.js'

const chunk = (text: string): Chunk => makeChunk(Buffer.from(text), false, false)
const [X, Y, Z] = [chunk('x'), chunk('y'), chunk('z')]

interface Made extends Parcel {
  readonly log: string[]
}

/** A parcel of whole chunks; `ends` are the objects that are done with it. */
function parcelOf(slices: readonly (readonly [number, Chunk])[], ends: readonly number[]): Made {
  const log: string[] = []
  const byId = new Map(slices.map(([, one]) => [one.ref.id, one]))
  return {
    log,
    slices: slices.map(([object, { ref }]) => ({ object, offset: 0, ref })),
    nodes: [],
    parked: [],
    done: ends.map(
      (object): Done => ({ object, key: objectKey(`o${object}`), content: { ...DELETION, kind: 'file' } }),
    ),
    load: async (refs) => {
      log.push(`load ${refs.length}`)
      return refs.flatMap(({ id }) => byId.get(id) ?? [])
    },
    release: () => log.push('release'),
  }
}

/** A sink whose puts end when they are told to. */
class SlowSink implements Sink {
  readonly plain: boolean
  readonly chunking = { kind: 'fixed', bytes: 1 } as const
  readonly compress = false
  readonly published: string[] = []
  readonly putting: { readonly ids: string[]; end(error?: Error): void }[] = []

  constructor(plain = false) {
    this.plain = plain
  }

  readonly list = noPages

  async missing(refs: readonly ChunkRef[]): Promise<ChunkRef[]> {
    return [...refs]
  }

  put(chunks: readonly Chunk[]): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (error?: Error): void => (error ? reject(error) : resolve())
      this.putting.push({ ids: chunks.map(({ ref }) => ref.id), end })
    })
  }

  async publish(done: readonly Done[]): Promise<PublishResult[]> {
    this.published.push(...done.map(({ key }) => key))
    return done.map(() => ({ status: 'published' }))
  }

  async finish(): Promise<[]> {
    return []
  }
}

const moverTo = (sink: Sink): Mover =>
  new Mover({ sink, pace: unpaced, stats: createStats(), settled: () => undefined }, () => undefined)
const never = new AbortController().signal
const turns = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

test('an object is published when the puts of all its parcels have ended, in whatever order they end', async () => {
  const sink = new SlowSink()
  const mover = moverTo(sink)
  const parcels = [parcelOf([[0, X]], []), parcelOf([[0, Y]], []), parcelOf([[0, Z]], [0])]
  const moves = parcels.map((parcel) => mover.move(parcel, never))
  await turns()
  for (const i of [2, 0]) sink.putting[i]?.end()
  await turns()
  expect(sink.published).toEqual([])
  sink.putting[1]?.end()
  await Promise.all(moves)
  expect(sink.published).toEqual(['o0'])
  for (const { log } of parcels) expect(log).toEqual(['load 1', 'release'])
})

test('a chunk that is on its way is not loaded again, and is waited for, through the object that it is part of', async () => {
  const sink = new SlowSink()
  const mover = moverTo(sink)
  const parcels = [parcelOf([[0, X]], [0]), parcelOf([[1, X]], []), parcelOf([[1, Y]], [1])]
  const moves = parcels.map((parcel) => mover.move(parcel, never))
  await turns()
  expect(sink.putting.map(({ ids }) => ids)).toEqual([[X.ref.id], [Y.ref.id]])
  sink.putting[1]?.end()
  await turns()
  expect(sink.published).toEqual([])
  sink.putting[0]?.end()
  await Promise.all(moves)
  expect(sink.published.sort()).toEqual(['o0', 'o1'])
})

test('a plain sink gets a repeated chunk for every object', async () => {
  const sink = new SlowSink(true)
  const mover = moverTo(sink)
  const moves = [parcelOf([[0, X]], [0]), parcelOf([[1, X]], [1])].map((parcel) => mover.move(parcel, never))
  await turns()
  expect(sink.putting.map(({ ids }) => ids)).toEqual([[X.ref.id], [X.ref.id]])
  for (const { end } of sink.putting) end()
  await Promise.all(moves)
})

test('when an earlier put fails, the object is not published, and memory is kept until the own put has ended', async () => {
  const sink = new SlowSink()
  const mover = moverTo(sink)
  const parcels = [parcelOf([[0, X]], []), parcelOf([[0, Y]], [0])]
  const moves = parcels.map((parcel) => mover.move(parcel, never).catch((error: unknown) => error))
  await turns()
  const full = new Error('full')
  sink.putting[0]?.end(full)
  await turns()
  expect(parcels[1]?.log).toEqual(['load 1'])
  sink.putting[1]?.end()
  expect(await Promise.all(moves)).toEqual([full, full])
  expect(parcels[1]?.log).toEqual(['load 1', 'release'])
  expect(sink.published).toEqual([])
})
