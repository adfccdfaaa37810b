import { writeFileSync } from 'node:fs'
import { encodeManifest } from '../../src/format/manifest.js'
import type { BucketUid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Content, DELETION, mint } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { OTHER, START_MS } from '../contracts/index-under-test.js'
import { done, fileOf, folder, HandClock, inlineFile, leaf, tree, treeFile } from '../contracts/samples.js'
import { commit, prune, told } from './rebuilding.js'

/*
 * Wrote test/fixtures/home/v2 and v2-told.json: `node dist/test/store/make-golden.js test/fixtures/home/v2`. A fixture is never
 * made anew: it is what a released version wrote. The next format gets one of its own.
 */

const TEXTS = Array.from({ length: 70 }, (_, i) => `leaf ${i} ${'.'.repeat(i)}`)

export async function makeGolden(where: string): Promise<unknown> {
  const clock = new HandClock(START_MS)
  await initSegment(where, { clock })
  const [first, second] = [await openSegment(where, { clock }), await openSegment(where, { clock })]
  const write = (segment: Segment, bucket: BucketUid, key: string, content: Content) => {
    clock.ms++
    return segment.versions.publish(bucket, [done(key, content)], { overwrite: true })
  }
  for (const name of ['Hawaii', 'Hawaii/Cola', 'Hawaii/Pepsi']) await first.names.create(name, {})
  const dropped = await first.names.create('Hawaii/Cola/bk2', {})
  await write(first, dropped.uid, 'in a bucket that was dropped', inlineFile('x'))
  await write(first, dropped.uid, 'in a bucket that was dropped', DELETION)
  await first.names.drop('Hawaii/Cola/bk2')
  const settings = { numberOfVersions: 3, options: { 'X-Colour': 'blue' } }
  const { uid: one } = await first.names.create('Hawaii/Cola/bk1', settings)
  const { uid: two } = await second.names.create('Hawaii/Cola/bk2', { chunkSize: 8192 })
  const { uid: three } = await second.names.create('Hawaii/Pepsi/bk1', {})

  const { node, leaves } = tree(TEXTS)
  await first.chunks.put([...leaves, node, leaf('a chunk of its own')])
  await write(first, one, 'dir/', folder())
  await write(first, one, 'dir/tree', { ...treeFile(TEXTS), attributes: { mode: 0o640, mtimeNs: -1n } })
  await write(second, one, 'dir/chunk', fileOf(leaf('a chunk of its own'), { user: { 'X-A': 'b' } }))
  const xattrs = { 'user.a': Buffer.from('1') }
  await write(second, one, 'dir/attributes', inlineFile('attributes', { mode: 0o600, xattrs }))
  for (const text of ['1', '22', '333', '4444']) await write(first, one, 'pruned', inlineFile(text))
  await prune(where, first, one, objectKey('pruned'))
  await write(second, one, 'expunged', inlineFile('nobody is to see this'))
  await second.versions.expunge(one, [objectKey('expunged')])
  await write(first, one, 'deleted', inlineFile('x'))
  await write(first, one, 'deleted', DELETION)
  await write(first, one, 'back', inlineFile('x'))
  await write(first, one, 'back', DELETION)
  await write(second, one, 'back', inlineFile('again'))
  await write(first, one, 'conflict', inlineFile('here'))
  const manifest = mint(inlineFile('there'), [], OTHER, clock.ms + 5)
  const stranger = { id: encodeManifest(manifest).id, manifest }
  await second.versions.publish(one, [done('conflict', stranger)], { overwrite: false })
  await Promise.all([two, three].map((each) => write(first, each, 'ä/b', treeFile(TEXTS))))
  await commit(where, first.guid, [{ kind: 'floor', bucket: two, stamp: START_MS * 1000 }], (tx) =>
    tx.raiseFloor(two, START_MS * 1000),
  )
  const all = await told(first)
  await first.close()
  await second.close()
  return all
}

/** As a fixture holds it. */
export const asFixture = (all: unknown): unknown =>
  JSON.parse(JSON.stringify(all, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)))

const [, script, where] = process.argv
if (script === import.meta.filename && where !== undefined) {
  writeFileSync(`${where}-told.json`, JSON.stringify(asFixture(await makeGolden(where))))
}
