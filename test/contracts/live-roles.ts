import { describe, expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { checkpointsOf } from '../../src/model/live.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { elsewhere, FAR, type LiveUnderTest, publish, rowsOf } from './live-under-test.js'
import { done, fileOf, inlineFile, leaf } from './samples.js'

/** What every LiveBucket does beside what every endpoint does, wherever it is. */
export function liveRolesContract(name: string, open: () => Promise<LiveUnderTest>): void {
  describe(`${name} is a live bucket`, () => {
    taking(open)
    feeding(open)
  })
}

/** Versions that keep their ids, and checkpoints. */
function taking(open: () => Promise<LiveUnderTest>): void {
  test('versions keep their ids; what is there already is not lacking', async () => {
    const { bucket, us: by } = await open()
    const first = elsewhere(inlineFile('1'), 1000)
    const second = elsewhere(inlineFile('2'), 2000, first)
    expect(await bucket.sink.take([done('a', second)], { by })).toEqual([{ status: 'published', id: second.id }])
    expect(await bucket.sink.take([done('a', second)], { by })).toMatchObject([{ status: 'known' }])
    const [row] = await rowsOf(bucket)
    if (row?.held === undefined) throw new Error('no row')
    const absent: VersionRef = { ...row, held: { ...row.held, id: first.id } }
    expect(await bucket.sink.lacking([absent, row])).toEqual([absent])
    expect(await bucket.sink.lacking([])).toEqual([])
  })

  test('a checkpoint moves only from what was read, and not over what needs chunks', async () => {
    const { bucket, us: by } = await open()
    const start = await bucket.source.position()
    const name = `${checkpointsOf(by)}any`
    const at = (sequence: number, pass?: string) => ({
      position: { ...start, sequence },
      ...(pass === undefined ? {} : { pass }),
    })
    const move = (from: number | undefined, to: number, pass?: string) => ({
      name,
      from: from === undefined ? undefined : at(from),
      to: at(to, pass),
      parked: [{ key: objectKey(`parked ${to}`), why: 'damaged there' }],
    })
    expect(await bucket.sink.checkpoint(name)).toBeUndefined()
    await bucket.sink.take([], { by, move: move(undefined, 1) })
    expect(await bucket.sink.checkpoint(name)).toEqual(at(1))
    await bucket.sink.take([], { by, move: move(7, 8) })
    expect(await bucket.sink.checkpoint(name)).toEqual(at(1))
    const needy = done('n', elsewhere(fileOf(leaf('never put')), 1000))
    expect(await bucket.sink.take([needy], { by, move: move(1, 2) })).toMatchObject([{ status: 'needs' }])
    expect(await bucket.sink.checkpoint(name)).toEqual(at(1))
    const good = elsewhere(inlineFile('x'), 1000)
    await bucket.sink.take([done('x', good)], { by, move: move(1, 3, 'some/key') })
    expect(await bucket.sink.checkpoint(name)).toEqual(at(3, 'some/key'))
    // What is parked is tried again, also where the checkpoint did not move with it.
    expect((await bucket.sink.retries(name)).map(({ key, why }) => [key, why])).toEqual(
      [1, 2, 3, 8].map((to) => [`parked ${to}`, 'damaged there']),
    )
    const later = await bucket.sink.retries(name, objectKey('parked 2'))
    expect(later.map(({ key }) => key)).toEqual(['parked 3', 'parked 8'])
  })
}

/** What a bucket tells of its changes. */
function feeding(open: () => Promise<LiveUnderTest>): void {
  test('changes since a position, without what came from us', async () => {
    const { bucket, us: by } = await open()
    const start = await bucket.source.position()
    await publish(bucket, [done('own', inlineFile('1'))])
    await bucket.sink.take([done('brought', elsewhere(inlineFile('2'), 1000))], { by })
    const page = await bucket.source.changes(start, { without: by })
    expect(page?.refs.map(({ key }) => key)).toEqual(['own'])
    expect(page?.more).toBe(false)
    expect(page?.upTo).toEqual(await bucket.source.position())
    const all = await bucket.source.changes(start, { without: FAR })
    expect(all?.refs.map(({ key }) => key)).toEqual(['own', 'brought'])
    if (page === undefined) throw new Error('no page')
    expect(await bucket.source.changes(page.upTo, { without: by })).toMatchObject({ refs: [], more: false })
  })

  test('a position that means nothing is told', async () => {
    const { bucket, us: without } = await open()
    const { journal, epoch, sequence } = await bucket.source.position()
    expect(await bucket.source.changes({ journal, epoch, sequence: sequence + 1 }, { without })).toBeUndefined()
    expect(await bucket.source.changes({ journal, epoch: epoch + 7, sequence }, { without })).toBeUndefined()
  })

  test('all tips of a key', async () => {
    const { bucket, us: by } = await open()
    await publish(bucket, [done('a', inlineFile('here')), done('b', inlineFile('one'), 1)])
    const there = elsewhere(inlineFile('there'), 1000)
    await bucket.sink.take([done('a', there)], { by })
    const tips = await bucket.source.tips([objectKey('a'), objectKey('none'), objectKey('b')])
    expect(tips.map(({ key }) => key)).toEqual(['a', 'a', 'b'])
    expect(tips[1]?.held?.id).toBe(there.id)
  })
}
