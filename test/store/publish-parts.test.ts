import { expect, test } from 'vitest'
import { versionId } from '../../src/model/ids.js'
import { mint } from '../../src/model/manifest.js'
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
