import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { encodeLog } from '../../src/format/log.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { bucketUid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Manifest, mint, type Version } from '../../src/model/manifest.js'
import { Group } from '../../src/store/commit/group.js'
import { logRecord } from '../../src/store/packs/records.js'
import { NOBODY } from '../../src/store/process-identity.js'
import { done, inlineFile } from '../contracts/samples.js'
import { type Opened, openParts } from './parts.js'

test('a call that fails takes no version away', async () => {
  const at = await openParts()
  await at.names.set('Hawaii/Cola/bk1', () => ({ numberOfVersions: 2 }))
  for (const text of ['1', '2']) await at.write('good', inlineFile(text))
  const manifest = mint(inlineFile('bad'), [], at.parts.context.guid, at.clock.ms)
  const items = [done('good', inlineFile('3')), done('bad', { id: versionId('11'.repeat(32)), manifest }, 1)]
  await expect(at.versions.publish(at.bucket, items, { overwrite: false })).rejects.toMatchObject({ code: 'CORRUPT' })
  expect(at.counts('good', 'bad')).toEqual([2, 0])
  expect((await at.check()).damage).toEqual([])
  await at.write('good', inlineFile('3'))
  expect(at.counts('good')).toEqual([2])
})

test('what is removed at once is said in records that can be read again, however much it is', async () => {
  const collection = { ...NOBODY, endedMs: 0, unfinished: false, tick: 0 }
  const group = new Group([], collection)
  const bucket = bucketUid('22'.repeat(16))
  const entries = Array.from({ length: 66_000 }, (_, i) => ({
    key: objectKey(`${i}/`.padEnd(1009, 'k')),
    id: versionId('11'.repeat(32)),
    at: { pack: 1, offset: i },
  }))
  group.remove(bucket, entries)
  const records = group.log()
  for (const record of records) expect(encodeLog(record).length).toBeLessThanOrEqual(LIMITS.recordBytesMax)
  expect(records.flatMap((record) => (record.kind === 'remove' ? record.entries : []))).toEqual(entries)
})

test('no log record is written that could not be read again', () => {
  expect(() => logRecord(Buffer.alloc(LIMITS.recordBytesMax + 1))).toThrow(RangeError)
})

const FAR = 2 ** 53 - 1

function versionOf(at: Opened, text: string, time: number): Version {
  const { guid: segment } = at.parts.context
  const manifest: Manifest = {
    ...inlineFile(text),
    stamp: { time, segment },
    vector: { [segment]: time },
    parents: [],
  }
  return { id: encodeManifest(manifest).id, manifest }
}

test('a version of a time that leaves no room for those to come is parked', async () => {
  const at = await openParts()
  const items = [done('far', versionOf(at, 'far', FAR)), done('near', inlineFile('near'), 1)]
  const [far, near] = await at.versions.publish(at.bucket, items, { overwrite: false })
  expect(far).toEqual({ status: 'parked', why: expect.stringContaining('2255-06-05') })
  expect(near?.status).toBe('published')
  expect(at.counts('far', 'near')).toEqual([0, 1])
  expect(await at.versions.publish(at.bucket, items.slice(0, 1), { overwrite: true })).toEqual([far])
  const last = versionOf(at, 'last', LIMITS.stampTimeMost)
  expect((await at.write('last', last)).status).toBe('published')
  expect((await at.write('last', inlineFile('one more'))).status).toBe('published')
})

test('where no later version is possible that key is parked, and the rest of the call is written', async () => {
  const at = await openParts()
  const { stampTimeMost } = LIMITS
  Object.assign(LIMITS, { stampTimeMost: FAR })
  onTestFinished(() => void Object.assign(LIMITS, { stampTimeMost }))
  const far = versionOf(at, 'far', FAR)
  await at.write('far', far)
  Object.assign(LIMITS, { stampTimeMost })
  expect(await at.write('far', far)).toEqual({ status: 'known', id: far.id })
  const items = [done('near', inlineFile('near')), done('far', inlineFile('later'), 1)]
  const [near, later] = await at.versions.publish(at.bucket, items, { overwrite: true })
  expect(near?.status).toBe('published')
  expect(later).toEqual({ status: 'parked', why: expect.stringContaining('a stamp of') })
  expect(at.counts('near', 'far')).toEqual([1, 1])
  expect((await at.check()).damage).toEqual([])
})
