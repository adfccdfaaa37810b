import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { openRemote, prefixedRemote, type RemoteBucket } from '../../src/endpoints/remote/bucket.js'
import { segmentEndpoint } from '../../src/endpoints/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { MemoryBucket } from '../fakes/memory-bucket.js'
import { connect, PATH, serve } from '../link/links.js'
import { run } from '../transfer/runs.js'

const STORING = { chunking: { kind: 'fastcdc', bytes: 65_536 }, compress: true } as const
const text = (seed: number, bytes: number): Buffer =>
  Buffer.from(Array.from({ length: bytes }, (_, i) => (i * 11 + seed + (i >> 4)) % 256))

/** A bucket of a store in a folder of its own. */
async function stored() {
  const dir = await mkdtemp(path.join(tmpdir(), 'efs-remote-'))
  onTestFinished(() => rm(dir, { recursive: true, force: true }))
  await initSegment(path.join(dir, 'home'), { clock: systemClock })
  const segment = await openSegment(path.join(dir, 'home'), { clock: systemClock })
  onTestFinished(() => segment.close())
  for (const name of ['Hawaii', 'Hawaii/Cola', PATH]) await segment.names.create(name, {})
  const named = segment.names.find(PATH)
  if (named === undefined) throw new Error('no bucket')
  return segmentEndpoint(segment, named, '', STORING)
}

async function remote(): Promise<RemoteBucket> {
  const { port } = await serve()
  return openRemote(await connect(port), PATH, { need: 'write', cells: true })
}

const keysOf = async ({ source }: Pick<RemoteBucket, 'source'>): Promise<string[]> => {
  const keys: string[] = []
  for await (const page of source.list({}, () => undefined)) keys.push(...page.map(({ key }) => key))
  return keys
}

test('a transfer to a peer and back: equal digests, no data the second time', async () => {
  const [here, there, back] = [await stored(), await remote(), await stored()]
  const from = new MemoryBucket(undefined, 4096)
  for (const [key, content] of Object.entries({ x: text(1, 300_000), 'd/y': text(2, 5000), 'd/z': text(3, 40) })) {
    from.write(key, content)
  }
  await run({ from, to: here })
  const sent = await run({ from: here, to: there })
  expect(sent.stats).toMatchObject({ objectsPublished: 3, objectsParked: 0 })
  await there.refresh()
  for (const kind of ['content', 'full'] as const) {
    expect(there.digested.digest(kind)).toBe(here.digested?.digest(kind))
    expect(there.digested.cells(kind)).toEqual(here.digested?.cells(kind))
  }
  expect(there.digested.objects).toBe(3)
  const again = await run({ from: here, to: there })
  expect(again.settled).toEqual([])
  await run({ from: there, to: back })
  expect(back.digested?.digest('full')).toBe(here.digested?.digest('full'))
})

test('a prefix at a peer is put before keys there, and left out of them here', async () => {
  const [here, there] = [new MemoryBucket(), await remote()]
  here.write('x', text(1, 500))
  here.write('k'.repeat(1020), text(2, 500))
  const inner = prefixedRemote(there, 'photos/')
  const { report } = await run({ from: here, to: inner })
  expect(report.parked.length).toBe(1)
  expect(await keysOf(there)).toEqual(['photos/x'])
  const back = new MemoryBucket()
  if (inner.source?.kind !== 'fetches') throw new Error('no source')
  await run({ from: { ...inner, source: inner.source }, to: back })
  expect([...back.heads.keys()]).toEqual(['x'])
})

test('the identity of a bucket is the same from both sides of a link, its label says where it is', async () => {
  const { port, at } = await serve()
  const bucket = await openRemote(await connect(port), PATH, { need: 'list' })
  expect(bucket.identity).toBe(`segment:${at.guid}:${at.bucket(PATH).uid}:`)
  expect(bucket.label).toBe(`ccow://127.0.0.1:${port}/${PATH}`)
  expect(prefixedRemote(bucket, 'p/').identity).toBe(`segment:${at.guid}:${bucket.uid}:p/`)
})
