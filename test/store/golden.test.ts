import { cpSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { hashHex } from '../../src/base/hash.js'
import { readContent } from '../../src/endpoints/read-content.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { openSegment } from '../../src/store/segment.js'
import { folder } from './homes.js'

/** A home as the first format wrote it: chunks, trees, links, holes, versions, a delete, two buckets. It is never made anew. */
const FIXTURE = 'test/fixtures/home/v1'
const LISTED: {
  objects: { key: string; version: string; contentHash: string; size: number; mtimeNs: string | null }[]
} = JSON.parse(readFileSync(`${FIXTURE}-objects.json`, 'utf8'))

test('a home of format 1 opens, lists, checks and reads as on the day it was written', async () => {
  const home = `${await folder()}/home`
  cpSync(FIXTURE, home, { recursive: true })
  const segment = await openSegment(home, { clock: systemClock })
  try {
    const bucket = segment.names.find('Hawaii/Cola/bk1')
    if (bucket === undefined) throw new Error('the bucket is gone')
    const rows: VersionRef[] = []
    for await (const page of segment.versions.list(bucket.uid, { deleted: true })) rows.push(...page)
    const objects = rows.filter(({ kind }) => kind !== 'folder')
    expect(
      objects.map(({ key, size, held, mtimeNs }) => [
        key,
        held?.id,
        held?.contentHash,
        size,
        mtimeNs?.toString() ?? null,
      ]),
    ).toEqual(
      LISTED.objects.map(({ key, version, contentHash, size, mtimeNs }) => [key, version, contentHash, size, mtimeNs]),
    )
    expect(segment.versions.digests(bucket.uid)).toEqual({
      content: 'c97a7357ead299a1f295037be4e92175219e002603db68e88627b7396e358607',
      full: 'f9f842f2ab45b8bf5d04d416b42d58904c89dc67e9099198d590a2403f63f6e6',
    })
    expect((await segment.check({ readData: true })).damage).toEqual([])
    const live = objects.filter(({ kind }) => kind !== 'deleted')
    for (const { manifest } of await segment.versions.manifests(bucket.uid, live)) {
      const pieces: Uint8Array[] = []
      const whole = { start: 0, end: manifest.size }
      for await (const piece of readContent(segment.chunks, manifest, whole, AbortSignal.timeout(10_000)))
        pieces.push(piece)
      expect(hashHex(Buffer.concat(pieces))).toBe(manifest.contentHash)
    }
  } finally {
    await segment.close()
  }
})
