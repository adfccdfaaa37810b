import { expect, test } from 'vitest'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { collected, inlineFile } from './samples.js'

/** The name space. */
export function namesContract(at: IndexUnderTest): void {
  test('names are made below their parents, changed, and dropped when empty', async () => {
    const { names } = at.index
    expect(names.find('Hawaii/Cola/bk1')).toMatchObject({ kind: 'bucket', uid: at.bucket, createdMs: START_MS })
    await expect(names.create('Hawaii', {})).rejects.toMatchObject({ code: 'EXISTS' })
    await expect(names.create('Maui/Cola', {})).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(names.set('Maui', () => ({}))).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(names.drop('Hawaii/Cola')).rejects.toMatchObject({ code: 'NOT_EMPTY' })
    const settings = { numberOfVersions: 3, options: { a: 'b' } }
    expect((await names.set('Hawaii/Cola/bk1', () => settings)).settings).toEqual(settings)
    expect(names.find('Hawaii/Cola/bk1')?.settings).toEqual(settings)
    await names.create('Hawaii/Cola/ab', {})
    await names.create('Hawaii/Cola2', {})
    expect(names.children('Hawaii').map(({ path }) => path)).toEqual(['Hawaii/Cola', 'Hawaii/Cola2'])
    expect(names.children('Hawaii/Cola').map(({ path }) => path)).toEqual(['Hawaii/Cola/ab', 'Hawaii/Cola/bk1'])
    expect(names.children('').map(({ path }) => path)).toEqual(['Hawaii'])
    await at.write('a', inlineFile('x'))
    await expect(names.drop('Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'NOT_EMPTY' })
    await at.write('a', DELETION)
    await names.drop('Hawaii/Cola/bk1')
    expect(names.find('Hawaii/Cola/bk1')).toBeUndefined()
    await expect(names.drop('Hawaii/Cola/bk1')).rejects.toMatchObject({ code: 'NOT_FOUND' })
    const again = await names.create('Hawaii/Cola/bk1', {})
    expect(again.uid).not.toBe(at.bucket)
    expect(await collected(at.index.versions.list(again.uid, { deleted: true }))).toEqual([])
    expect(at.index.versions.head(at.bucket, objectKey('a'))).toBeUndefined()
  })

  test('of settings that are changed at once each change holds', async () => {
    const { names } = at.index
    const changes = [{ numberOfVersions: 3 }, { quota: 5 }, { quotaCount: 7 }, { chunkSize: 8192 }]
    await Promise.all(changes.map((one) => names.set('Hawaii/Cola/bk1', (before) => ({ ...before, ...one }))))
    expect(names.find('Hawaii/Cola/bk1')?.settings).toEqual(Object.assign({}, ...changes))
  })

  test('of many that make the same name at once one succeeds', async () => {
    const tries = Array.from({ length: 5 }, () => at.index.names.create('Hawaii/Cola/race', {}))
    const settled = await Promise.allSettled(tries)
    expect(settled.filter(({ status }) => status === 'fulfilled').length).toBe(1)
    for (const each of settled) {
      if (each.status === 'rejected') expect(each.reason).toMatchObject({ code: 'EXISTS' })
    }
  })
}
