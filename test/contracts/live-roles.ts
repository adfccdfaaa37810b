import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { plainOf } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import { feeding, taking } from './live-taking.js'
import { keysOf, type LiveUnderTest, publish, put, rowsOf } from './live-under-test.js'
import { done, fileOf, folder, inlineFile, leaf, tree, treeFile } from './samples.js'

/** What every LiveBucket does, wherever it is. */
export function liveRolesContract(name: string, open: () => Promise<LiveUnderTest>): void {
  describe(`${name} is a live bucket`, () => {
    listing(open)
    chunks(open)
    publishing(open)
    taking(open)
    feeding(open)
  })
}

function listing(open: () => Promise<LiveUnderTest>): void {
  test('rows come in the order of keys, in pages, after a key, under a prefix, deletes where asked', async () => {
    const { bucket } = await open()
    const many = Array.from({ length: 2600 }, (_, i) => `m/${String(i).padStart(5, '0')}`)
    const all = ['\u{1F600}', '\uFF5E', 'a', 'a0', 'b/', ...many]
    for (let from = 0; from < all.length; from += LIMITS.parcelObjectsMax) {
      const some = all.slice(from, from + LIMITS.parcelObjectsMax)
      await publish(
        bucket,
        some.map((key, i) => done(key, key.endsWith('/') ? folder() : inlineFile(key), i)),
      )
    }
    const sorted = [...all].sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
    for await (const page of bucket.source.list({}, () => undefined)) {
      expect(page.length).toBeGreaterThan(0)
      expect(page.length).toBeLessThanOrEqual(LIMITS.pageRowsMax)
    }
    expect(await keysOf(bucket)).toEqual(sorted)
    expect(await keysOf(bucket, { after: objectKey('m/02597') })).toEqual(sorted.slice(sorted.indexOf('m/02597') + 1))
    expect(await keysOf(bucket, { prefix: 'a' })).toEqual(['a', 'a0'])
    await publish(bucket, [done('a', { ...inlineFile(''), kind: 'deleted', attributes: {} })])
    expect(await keysOf(bucket, { prefix: 'a' })).toEqual(['a0'])
    expect(await keysOf(bucket, { prefix: 'a', deleted: true })).toEqual(['a', 'a0'])
    expect(await keysOf(bucket, { prefix: 'a', atMs: 1 })).toEqual([])
  })

  test('a row tells all that an index knows', async () => {
    const { bucket } = await open()
    const chunk = leaf('some content')
    await put(bucket, [chunk])
    const [result] = await publish(bucket, [done('a', fileOf(chunk, { mode: 0o600, mtimeNs: -(2n ** 60n) }))])
    const [row] = await rowsOf(bucket)
    expect(row).toMatchObject({ key: 'a', kind: 'file', size: 12, mode: 0o600, mtimeNs: -(2n ** 60n) })
    expect(row?.held).toMatchObject({ id: result && 'id' in result ? result.id : '', tips: 1 })
    expect(row?.held?.root).toEqual({ ref: chunk.ref, depth: 0 })
  })
}

function chunks(open: () => Promise<LiveUnderTest>): void {
  test('what was put is not missing and comes back in the order asked, many and large ones too', async () => {
    const { bucket } = await open()
    const large = [leaf('x'.repeat(LIMITS.parcelBytesMax + 1)), leaf('y'.repeat(LIMITS.parcelBytesMax - 1))]
    const small = Array.from({ length: LIMITS.missingRefsMax }, (_, i) => leaf(`chunk ${i}`))
    const all = [...large, ...small]
    const refs = all.map(({ ref }) => ref)
    const some = refs.slice(0, 300)
    expect(await bucket.sink.missing(some)).toEqual(some)
    await put(bucket, all.slice(1))
    expect(await bucket.sink.missing(some)).toEqual(refs.slice(0, 1))
    await put(bucket, all.slice(0, 1))
    const asked = [...refs].reverse()
    const back = await bucket.source.fetch(asked)
    expect(back.map(({ ref }) => ref)).toEqual(asked)
    expect(
      back.every((chunk, i) => Buffer.compare(plainOf(chunk), plainOf(all[all.length - 1 - i] ?? chunk)) === 0),
    ).toBe(true)
    expect(await bucket.sink.missing([])).toEqual([])
    expect(await bucket.source.fetch([])).toEqual([])
  })

  test('a chunk that is not there is NOT_FOUND, one of another size CORRUPT', async () => {
    const { bucket } = await open()
    const chunk = leaf('here')
    await put(bucket, [chunk])
    await expect(bucket.source.fetch([leaf('gone').ref])).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(bucket.source.fetch([{ ...chunk.ref, size: 3 }])).rejects.toMatchObject({ code: 'CORRUPT' })
  })

  test('the entries of a node are told', async () => {
    const { bucket } = await open()
    const { node, leaves } = tree(['left', 'right'])
    await put(bucket, [...leaves, node])
    const [back] = await bucket.source.fetch([node.ref])
    expect(back && bucket.source.entries(back)).toEqual(leaves.map(({ ref }) => ({ span: ref.size, ref })))
  })
}

function publishing(open: () => Promise<LiveUnderTest>): void {
  test('drafts: published, known, in need of chunks, in order', async () => {
    const { bucket } = await open()
    const texts = ['left', 'right']
    const { node, leaves } = tree(texts)
    const attributes = {
      mode: 0o640,
      mtimeNs: 5n,
      xattrs: { 'user.a': Buffer.from('b') },
      user: { 'Delete-After': '9' },
    }
    const items = [done('tree', treeFile(texts)), done('tiny', inlineFile('x', attributes), 1)]
    expect(await publish(bucket, items)).toMatchObject([{ status: 'needs', refs: [node.ref] }, { status: 'published' }])
    await put(bucket, [...leaves, node])
    expect(await publish(bucket, items)).toMatchObject([{ status: 'published' }, { status: 'known' }])
    const rows = await rowsOf(bucket)
    const [tiny, whole] = await bucket.source.versions(rows)
    expect(tiny?.manifest).toMatchObject({ size: 1, parents: [], attributes: { mode: 0o640, mtimeNs: 5n } })
    expect(Buffer.from(tiny?.manifest.attributes.xattrs?.['user.a'] ?? []).toString()).toBe('b')
    expect(tiny?.manifest.attributes.user).toEqual({ 'Delete-After': '9' })
    expect(whole?.manifest.root).toEqual({ ref: node.ref, depth: 1 })
  })

  test('more than one request holds: many objects, and manifests of a megabyte', async () => {
    const { bucket } = await open()
    const xattrs = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`user.${i}`, Buffer.alloc(65_536, i)]))
    const items = Array.from({ length: 530 }, (_, i) =>
      done(`k${String(i).padStart(4, '0')}`, inlineFile(`${i}`, i < 12 ? { xattrs } : {}), i),
    )
    expect(new Set((await publish(bucket, items)).map(({ status }) => status))).toEqual(new Set(['published']))
    const rows = await rowsOf(bucket)
    const versions = await bucket.source.versions(rows)
    expect(versions.map(({ id }) => id)).toEqual(rows.map(({ held }) => held?.id))
  })

  test('a version that is gone is NOT_FOUND', async () => {
    const { bucket } = await open()
    await publish(bucket, [done('a', inlineFile('x'))])
    const [row] = await rowsOf(bucket)
    if (row === undefined) throw new Error('no row')
    await expect(bucket.source.versions([{ ...row, key: objectKey('b') }])).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('the digest is that of what is listed', async () => {
    const one = (await open()).bucket
    expect(one.digested).toMatchObject({ objects: 0, bytes: 0 })
    expect(one.digested.digest('content')).toMatch(/^[0-9a-f]{64}$/)
    expect(one.digested.cells('full').every((cell) => /^0{64}$/.test(cell))).toBe(true)
    expect(one.digested.cells('content').length).toBe(4096)
  })
}
