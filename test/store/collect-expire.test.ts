import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { expireObjects } from '../../src/store/collect/expire.js'
import { folder, inlineFile } from '../contracts/samples.js'
import { openParts } from './parts.js'

const own = (seconds: string) => inlineFile('x', { user: { 'Delete-After': seconds } })
const RUN = { dryRun: false }

test('an object is deleted when its own time or that of its bucket has come, counted from when its head was written', async () => {
  const at = await openParts()
  await at.names.set('Hawaii/Cola', () => ({ options: { 'Delete-After': '100' } }))
  await at.write('plain', inlineFile('x'))
  await at.write('folder/', folder())
  await at.write('soon', own('10'))
  await at.write('late', own('1000'))
  await at.write('unreadable', own('soon'))
  await at.write('rewritten', inlineFile('x'))
  const live = () => at.versions.counters(at.bucket).objects
  at.clock.ms += 9_999
  expect(await expireObjects(at.parts, RUN)).toBe(0)
  await at.write('rewritten', inlineFile('xx'))
  at.clock.ms += 1
  expect(await expireObjects(at.parts, { dryRun: true })).toBe(1)
  expect(live()).toBe(5)
  expect(await expireObjects(at.parts, RUN)).toBe(1)
  expect(at.versions.head(at.bucket, objectKey('soon'))?.kind).toBe('deleted')
  at.clock.ms += 90_000
  expect(await expireObjects(at.parts, RUN)).toBe(2)
  at.clock.ms += 10_000
  expect(await expireObjects(at.parts, RUN)).toBe(1)
  expect(live()).toBe(1)
  at.clock.ms += 1_000_000
  expect(await expireObjects(at.parts, RUN)).toBe(1)
  expect(at.versions.counters(at.bucket)).toMatchObject({ objects: 0, folders: 1, deleted: 5, versions: 12 })
  expect((await at.check()).damage).toEqual([])
})

test('many expire in pages, nothing does where nothing says so, and an aborted pass ends', async () => {
  const at = await openParts()
  const items = Array.from({ length: 2_500 }, (_, object) => ({
    object,
    key: objectKey(`k${object}`),
    content: inlineFile(`${object}`),
  }))
  await at.versions.publish(at.bucket, items, { overwrite: true })
  at.clock.ms += 10 ** 9
  expect(await expireObjects(at.parts, RUN)).toBe(0)
  await at.names.set('Hawaii/Cola/bk1', () => ({ options: { 'Delete-After': '1' } }))
  await expect(expireObjects(at.parts, { ...RUN, signal: AbortSignal.abort(new Error('enough')) })).rejects.toThrow(
    'enough',
  )
  expect(await expireObjects(at.parts, RUN)).toBe(2_500)
  expect(await expireObjects(at.parts, RUN)).toBe(0)
})
