import { expect, test } from 'vitest'
import type { PublishResult } from '../../src/model/endpoint.js'
import type { VersionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION } from '../../src/model/manifest.js'
import { type IndexUnderTest, START_MS } from './index-under-test.js'
import { done, folder, inlineFile } from './samples.js'

/** Content whose writer knew an older version than the head. */
export function followingContract(at: IndexUnderTest): void {
  const key = objectKey('a')
  const headId = (): VersionId => {
    const id = at.head('a')?.held?.id
    if (id === undefined) throw new Error('no head')
    return id
  }

  async function follow(content: Content, parents: readonly VersionId[]): Promise<PublishResult | undefined> {
    const what = { ...done('a', content), parents }
    return (await at.index.versions.publish(at.bucket, [what], { overwrite: true }))[0]
  }

  /** Gives the version that both knew, on top of which another segment has written. */
  async function movedOn(content: Content): Promise<VersionId> {
    await at.write('a', inlineFile('known'))
    const known = headId()
    const [version] = await at.index.versions.manifests(at.bucket, at.index.versions.versions(at.bucket, key))
    if (version === undefined) throw new Error('no version')
    const { stamp, vector } = version.manifest
    await at.write('a', at.elsewhere(content, [{ id: known, stamp, vector }], START_MS + 1000), false)
    expect(headId()).not.toBe(known)
    return known
  }

  test('what follows upon the head is an ordinary version', async () => {
    await at.write('a', inlineFile('1'))
    expect((await follow(inlineFile('2'), [headId()]))?.status).toBe('published')
    expect(at.head('a')).toMatchObject({ size: 1, held: { tips: 1 } })
  })

  test('what another segment wrote meanwhile stays, as a conflict', async () => {
    const known = await movedOn(inlineFile('from elsewhere'))
    at.clock.ms += 5000
    expect((await follow(inlineFile('mine'), [known]))?.status).toBe('published')
    expect(at.head('a')).toMatchObject({ size: 4, held: { tips: 2 } })
    expect(at.index.versions.versions(at.bucket, key)).toHaveLength(3)
  })

  test('what knew nothing of the key is in conflict with what is there', async () => {
    await at.write('a', at.elsewhere(inlineFile('from elsewhere'), [], START_MS), false)
    at.clock.ms += 5000
    expect((await follow(inlineFile('mine'), []))?.status).toBe('published')
    expect(at.head('a')?.held?.tips).toBe(2)
  })

  test('what this segment wrote itself is covered, though its clock went back', async () => {
    await at.write('a', inlineFile('known'))
    const known = headId()
    await at.write('a', inlineFile('later'))
    at.clock.ms -= 60_000
    expect((await follow(inlineFile('mine'), [known]))?.status).toBe('published')
    expect(at.head('a')).toMatchObject({ size: 4, held: { tips: 1 } })
  })

  test('equal content is known, whoever wrote it', async () => {
    const known = await movedOn(inlineFile('same'))
    expect(await follow(inlineFile('same'), [known])).toEqual({ status: 'known', id: headId() })
    expect(at.head('a')?.held?.tips).toBe(1)
  })

  test('a delete of what is not the head any more is superseded', async () => {
    const known = await movedOn(inlineFile('from elsewhere'))
    expect(await follow(DELETION, [known])).toEqual({ status: 'superseded' })
    expect(at.head('a')?.kind).toBe('file')
  })

  test('a delete of what was deleted elsewhere is known', async () => {
    const known = await movedOn(DELETION)
    expect((await follow(DELETION, [known]))?.status).toBe('known')
  })

  test('a change of what was deleted elsewhere lives', async () => {
    const known = await movedOn(DELETION)
    at.clock.ms += 5000
    expect((await follow(inlineFile('mine'), [known]))?.status).toBe('published')
    expect(at.head('a')?.kind).toBe('file')
  })

  test('a folder that was deleted stands again', async () => {
    await at.write('a/', folder())
    await at.write('a/', DELETION)
    const again = { ...done('a/', folder()), parents: [] }
    const [result] = await at.index.versions.publish(at.bucket, [again], { overwrite: true })
    expect(result?.status).toBe('published')
    expect(at.head('a/')).toMatchObject({ kind: 'folder', held: { tips: 1 } })
  })
}
