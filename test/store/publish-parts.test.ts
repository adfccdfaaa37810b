import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { encodeLog } from '../../src/format/log.js'
import { bucketUid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { mint } from '../../src/model/manifest.js'
import { Group } from '../../src/store/commit/group.js'
import { logRecord } from '../../src/store/packs/records.js'
import { NOBODY } from '../../src/store/process-identity.js'
import { done, inlineFile } from '../contracts/samples.js'
import { openParts } from './parts.js'

test('a call that fails takes no version away', async () => {
  const at = await openParts()
  await at.names.set('Hawaii/Cola/bk1', { numberOfVersions: 2 })
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
