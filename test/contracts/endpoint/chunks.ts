import { expect } from 'vitest'
import { LIMITS } from '../../../src/base/limits.js'
import { plainOf } from '../../../src/model/chunk.js'
import type { Fetcher } from '../../../src/model/endpoint.js'
import { objectKey } from '../../../src/model/key.js'
import { DELETION } from '../../../src/model/manifest.js'
import { done, fileOf, inlineFile, leaf, tree } from '../samples.js'
import { keysOf, publish, rowOf, rowsOf, told } from './hands.js'
import type { Case, End, Place } from './kind.js'

async function opened(place: Place): Promise<End & { readonly source: Fetcher }> {
  const end = await place.open()
  if (end.source.kind !== 'fetches') throw new Error('it has no chunks')
  return { ...end, source: end.source }
}

const chunkCase = (name: string, run: Case['run']): Case => ({ name, needs: 'chunks', run })

/** What has chunks by id and keeps versions. */
export const CHUNKS: readonly Case[] = [
  chunkCase('what was put is not missing and comes back in the order asked, many and large ones too', async (place) => {
    const { source, sink } = await opened(place)
    const large = [leaf('x'.repeat(LIMITS.parcelBytesMax + 1)), leaf('y'.repeat(LIMITS.parcelBytesMax - 1))]
    const small = Array.from({ length: LIMITS.missingRefsMax }, (_, i) => leaf(`chunk ${i}`))
    const all = [...large, ...small]
    const refs = all.map(({ ref }) => ref)
    const some = refs.slice(0, 300)
    expect(await sink.missing(some)).toEqual(some)
    await sink.put(all.slice(1), [])
    expect(await sink.missing(some)).toEqual(refs.slice(0, 1))
    await sink.put(all.slice(0, 1), [])
    const back = await source.fetch([...refs].reverse())
    expect(back.map(({ ref }) => ref)).toEqual([...refs].reverse())
    expect(back.every((chunk, i) => Buffer.compare(plainOf(chunk), plainOf(all.at(-1 - i) ?? chunk)) === 0)).toBe(true)
    expect(await sink.missing([])).toEqual([])
    expect(await source.fetch([])).toEqual([])
  }),
  chunkCase('a chunk that is not there is NOT_FOUND, one of another size CORRUPT', async (place) => {
    const { source, sink } = await opened(place)
    const chunk = leaf('here')
    await sink.put([chunk], [])
    await expect(source.fetch([leaf('gone').ref])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(source.fetch([{ ...chunk.ref, size: 3 }])).rejects.toMatchObject({ code: 'CORRUPT' })
  }),
  chunkCase('the entries of a node are told', async (place) => {
    const { source, sink } = await opened(place)
    const { node, leaves } = tree(['left', 'right'])
    await sink.put([...leaves, node], [])
    const [back] = await source.fetch([node.ref])
    expect(back && source.entries(back)).toEqual(leaves.map(({ ref }) => ({ span: ref.size, ref })))
  }),
  chunkCase('a row tells all that an index knows', async (place) => {
    const end = await opened(place)
    const chunk = leaf('some content')
    await end.sink.put([chunk], [])
    const [result] = await publish(end, done('a', fileOf(chunk, { mode: 0o600, mtimeNs: -(2n ** 60n) })))
    const row = await rowOf(end, 'a')
    expect(row).toMatchObject({ kind: 'file', size: 12, mode: 0o600, mtimeNs: -(2n ** 60n) })
    expect(row.held).toMatchObject({ id: result && 'id' in result ? result.id : '', tips: 1 })
    expect(row.held?.root).toEqual({ ref: chunk.ref, depth: 0 })
  }),
  chunkCase('a delete is a version, listed where asked; a time tells what was the head then', async (place) => {
    const end = await opened(place)
    expect(told(await publish(end, done('a', inlineFile('1')), done('b', inlineFile('2'))))).toEqual([
      'published',
      'published',
    ])
    await publish(end, done('a', DELETION))
    expect(told(await publish(end, done('a', DELETION)))).toEqual(['known'])
    expect(await keysOf(end)).toEqual(['b'])
    expect(await rowsOf(end, { deleted: true })).toMatchObject([
      { key: 'a', kind: 'deleted' },
      { key: 'b', kind: 'file' },
    ])
    expect(await keysOf(end, { atMs: 1 })).toEqual([])
  }),
  chunkCase('versions are told by their rows, the one that it descends from among what they say', async (place) => {
    const end = await opened(place)
    const attributes = { mode: 0o640, xattrs: { 'user.a': Buffer.from('b') }, user: { 'Delete-After': '9' } }
    await publish(end, done('a', inlineFile('1')))
    const first = await rowOf(end, 'a')
    await publish(end, done('a', inlineFile('22', attributes)))
    const [version] = await end.source.versions([await rowOf(end, 'a')])
    expect(version?.manifest).toMatchObject({ size: 2, parents: [first.held?.id], attributes: { mode: 0o640 } })
    expect(Buffer.from(version?.manifest.attributes.xattrs?.['user.a'] ?? []).toString()).toBe('b')
    expect(version?.manifest.attributes.user).toEqual(attributes.user)
    expect((await end.source.versions([first]))[0]?.id).toBe(first.held?.id)
    const elsewhere = { ...first, key: objectKey('b') }
    await expect(end.source.versions([elsewhere])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  }),
  chunkCase('more than one request holds: many objects, and manifests of a megabyte', async (place) => {
    const end = await opened(place)
    const xattrs = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`user.${i}`, Buffer.alloc(65_536, i)]))
    const items = Array.from({ length: 530 }, (_, i) =>
      done(`k${String(i).padStart(4, '0')}`, inlineFile(`${i}`, i < 12 ? { xattrs } : {})),
    )
    expect(new Set(told(await publish(end, ...items)))).toEqual(new Set(['published']))
    const rows = await rowsOf(end)
    const versions = await end.source.versions(rows)
    expect(versions.map(({ id }) => id)).toEqual(rows.map(({ held }) => held?.id))
  }),
]
