import { expect, test } from 'vitest'
import type { BaselineRow } from '../../src/model/baseline.js'
import { type ChunkId, contentHash, segmentGuid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { type Fingerprint, objectPrint, type VersionRef } from '../../src/model/version-ref.js'
import { decide } from '../../src/transfer/decide.js'

const KEY = objectKey('a')
const id = (n: number) => versionId(n.toString(16).padStart(64, '0'))
const row = (more: Partial<VersionRef>): VersionRef => ({ key: KEY, kind: 'file', size: 3, ...more })

const held = (version: number, content = 1, attributes = 1): Partial<VersionRef> => ({
  held: {
    id: id(version),
    stamp: { time: version, segment: segmentGuid('1'.repeat(32)) },
    contentHash: contentHash(content.toString(16).padStart(64, '0')),
    attributesHash: `${attributes}`,
    root: undefined,
    tips: 1,
  },
})
const print = (change: number, takenMs = 9_000_000): Fingerprint => ({
  size: 3,
  mtimeNs: 1n,
  ctimeNs: BigInt(change),
  inode: 5n,
  takenMs,
})
const seen = (change: number, takenMs?: number): Partial<VersionRef> => ({ seen: print(change, takenMs) })
const base = (version: number, change: number, takenMs?: number): BaselineRow => ({
  key: KEY,
  id: id(version),
  seen: print(change, takenMs),
})
const deleted = row({ kind: 'deleted', size: 0, ...held(9) })
const folder = (mode: number | undefined, mtimeNs: bigint | undefined, more: Partial<VersionRef>): VersionRef =>
  row({
    kind: 'folder',
    size: 0,
    ...(mode === undefined ? {} : { mode }),
    ...(mtimeNs === undefined ? {} : { mtimeNs }),
    ...more,
  })

const KEEP = { deleteExtra: false, checksum: false }
const DELETE = { deleteExtra: true, checksum: false }
const CHECK = { deleteExtra: false, checksum: true }

/** What both sides may change. */
const NEWS = { deleteExtra: true, checksum: false, newsOnly: true }

type Row = VersionRef | undefined
const object = (etag: string): Fingerprint => objectPrint(etag, 3, 5000, 0)
const agreed: BaselineRow = { key: KEY, id: id(1), seen: object('x') }
const cases: [string, Row, Row, BaselineRow | undefined, typeof KEEP, string][] = [
  ['an object as it was agreed', row(held(1)), row({ seen: object('x') }), agreed, KEEP, 'same'],
  [
    'an object that is stored as a link',
    row({ seen: object('x') }),
    row({ kind: 'link', ...held(1) }),
    agreed,
    KEEP,
    'same',
  ],
  ['an object with another ETag', row({ seen: object('y') }), row(held(1)), agreed, KEEP, 'copy'],
  ['an object against a version, no baseline', row({ seen: object('x') }), row(held(1)), undefined, KEEP, 'copy'],
  ['a folder that S3 has', folder(0o755, 5n, held(1)), folder(undefined, undefined, {}), undefined, KEEP, 'same'],
  [
    'a folder that S3 has, as the source',
    folder(undefined, undefined, {}),
    folder(0o755, 5n, held(1)),
    undefined,
    KEEP,
    'same',
  ],
  ['new at the source', row(held(1)), undefined, undefined, KEEP, 'copy'],
  ['deleted at the sink, live at the source', row(held(1)), deleted, undefined, KEEP, 'copy'],
  ['the same version', row(held(1, 1)), row(held(1, 2)), undefined, KEEP, 'same'],
  ['the same version under checksum', row(held(1)), row(held(1)), undefined, CHECK, 'same'],
  ['other versions of equal content', row(held(1)), row(held(2)), undefined, KEEP, 'same'],
  ['equal hashes, other size', row(held(1)), row({ size: 4, ...held(2) }), undefined, KEEP, 'copy'],
  ['other content', row(held(1, 1)), row(held(2, 2)), undefined, KEEP, 'copy'],
  ['other attributes', row(held(1, 1, 1)), row(held(2, 1, 2)), undefined, KEEP, 'copy'],
  ['another kind', row({ kind: 'link', ...held(1) }), row(held(2)), undefined, KEEP, 'copy'],
  ['a file against a version, no baseline', row(seen(1)), row(held(1)), undefined, KEEP, 'copy'],
  ['a file not touched since', row(seen(1)), row(held(1)), base(1, 1), KEEP, 'same'],
  ['a file not touched since, under checksum', row(seen(1)), row(held(1)), base(1, 1), CHECK, 'copy'],
  ['a touched file', row(seen(2)), row(held(1)), base(1, 1), KEEP, 'copy'],
  ['an untouched file, the bucket has moved on', row(seen(1)), row(held(2)), base(1, 1), KEEP, 'copy'],
  ['a file that was racy when it was read', row(seen(1)), row(held(1)), base(1, 1, 0), KEEP, 'copy'],
  ['a version against a file not touched since', row(held(1)), row(seen(1)), base(1, 1), KEEP, 'same'],
  ['a version against a file not touched since, under checksum', row(held(1)), row(seen(1)), base(1, 1), CHECK, 'copy'],
  ['a version against a touched file', row(held(1)), row(seen(2)), base(1, 1), KEEP, 'copy'],
  ['a new version against an untouched file', row(held(2)), row(seen(1)), base(1, 1), KEEP, 'copy'],
  ['two files', row(seen(1)), row(seen(1)), undefined, KEEP, 'copy'],
  ['a folder as it should be', folder(0o755, 5n, held(1)), folder(0o755, 5n, seen(1)), undefined, KEEP, 'same'],
  ['a folder of another mode', folder(0o700, 5n, held(1)), folder(0o755, 5n, seen(1)), undefined, KEEP, 'copy'],
  ['a folder of another time', folder(0o755, 6n, held(1)), folder(0o755, 5n, seen(1)), undefined, KEEP, 'copy'],
  [
    'a folder of which nothing is known',
    folder(undefined, undefined, held(1)),
    folder(0o755, 5n, seen(1)),
    undefined,
    KEEP,
    'same',
  ],
  ['a folder where a file was', folder(0o755, 5n, held(1)), row(seen(1)), base(1, 1), KEEP, 'copy'],
  ['folders of two buckets', folder(0o755, 5n, held(1)), folder(0o755, 5n, held(2)), undefined, KEEP, 'same'],
  ['only at the sink', undefined, row(held(1)), undefined, KEEP, 'extra'],
  ['only at the sink, to be deleted', undefined, row(held(1)), undefined, DELETE, 'delete'],
  ['deleted at the source', deleted, row(held(1)), undefined, KEEP, 'extra'],
  ['deleted at the source, to be deleted', deleted, row(held(1)), undefined, DELETE, 'delete'],
  ['deleted at the source, not at the sink', deleted, undefined, undefined, DELETE, 'deleted'],
  ['deleted on both sides', deleted, deleted, undefined, DELETE, 'deleted'],
  ['deleted at the sink, never at the source', undefined, deleted, undefined, DELETE, 'deleted'],
  ['news: a file that never was in the bucket', row(seen(1)), undefined, undefined, NEWS, 'copy'],
  ['news: a file as it was', row(seen(1)), row(held(1)), base(1, 1), NEWS, 'same'],
  ['news: a file as it was, the bucket has moved on', row(seen(1)), row(held(2)), base(1, 1), NEWS, 'same'],
  ['news: a changed file', row(seen(2)), row(held(1)), base(1, 1), NEWS, 'copy'],
  ['news: a changed file, the bucket has moved on', row(seen(2)), row(held(2)), base(1, 1), NEWS, 'copy'],
  ['news: a changed file, deleted in the bucket', row(seen(2)), undefined, base(1, 1), NEWS, 'copy'],
  ['news: a file and a version that never met', row(seen(1)), row(held(1)), undefined, NEWS, 'copy'],
  ['news: a file that went', undefined, row(held(1)), base(1, 1), NEWS, 'delete'],
  ['news: a file that went, the bucket has moved on', undefined, row(held(2)), base(1, 1), NEWS, 'extra'],
  ['news: what a directory never had', undefined, row(held(1)), undefined, NEWS, 'extra'],
  ['news: gone from both', undefined, undefined, base(1, 1), NEWS, 'deleted'],
  ['news: a version that the directory never had', row(held(1)), undefined, undefined, NEWS, 'copy'],
  ['news: a version that both had, and the file went', row(held(1)), undefined, base(1, 1), NEWS, 'same'],
  ['news: a later version, and the file went', row(held(2)), undefined, base(1, 1), NEWS, 'copy'],
  ['news: a later version over a file as it was', row(held(2)), row(seen(1)), base(1, 1), NEWS, 'copy'],
  ['news: a later version over a changed file', row(held(2)), row(seen(2)), base(1, 1), NEWS, 'same'],
  ['news: a version over a file that it never met', row(held(1)), row(seen(1)), undefined, NEWS, 'same'],
  ['news: deleted, over a file as it was', deleted, row(seen(1)), base(1, 1), NEWS, 'delete'],
  ['news: deleted, over a changed file', deleted, row(seen(2)), base(1, 1), NEWS, 'extra'],
  ['news: a folder that only looks changed', folder(7, 5n, seen(2)), folder(7, 5n, held(1)), base(1, 1), NEWS, 'same'],
  [
    'news: a folder that only looks changed, of a deleted one',
    folder(7, 6n, seen(2)),
    deleted,
    base(1, 1),
    NEWS,
    'deleted',
  ],
  ['news: deleted, over a folder that only looks changed', deleted, folder(7, 6n, seen(2)), base(1, 1), NEWS, 'delete'],
  ['news: a folder that was never met', folder(7, 6n, seen(2)), deleted, undefined, NEWS, 'copy'],
  ['news: a folder with another time', folder(7, 6n, seen(2)), folder(7, 5n, held(1)), base(1, 1), NEWS, 'copy'],
  [
    'news: of two folders the bucket is right',
    folder(7, 6n, seen(2)),
    folder(7, 5n, held(2)),
    base(1, 1),
    NEWS,
    'same',
  ],
  ['news: a folder that S3 has by what is in it', folder(undefined, undefined, {}), undefined, undefined, NEWS, 'same'],
  ['news: a marker in S3', folder(undefined, undefined, { seen: object('x') }), undefined, undefined, NEWS, 'copy'],
  [
    'news: a marker in S3 of a folder that is there',
    folder(undefined, undefined, { seen: object('y') }),
    folder(7, 5n, held(1)),
    agreed,
    NEWS,
    'same',
  ],
  [
    'news: a folder that S3 has by what is in it is not given it again',
    folder(7, 5n, held(1)),
    folder(undefined, undefined, {}),
    undefined,
    NEWS,
    'same',
  ],
  ['news: and gives it', folder(7, 5n, held(2)), folder(7, 6n, seen(2)), base(1, 1), NEWS, 'copy'],
]

const ROOT = { ref: { id: '7'.repeat(64) as ChunkId, size: 500, node: true }, depth: 1 }

test.each([
  ['as agreed', object('x'), KEEP, ROOT],
  ['as agreed, news', object('x'), NEWS, ROOT],
  ['changed', object('y'), KEEP, undefined],
  ['written anew later', objectPrint('x', 3, 7000, 0), KEEP, undefined],
])(
  'the tree of what stands at the sink is known only where that is still what was agreed on: %s',
  (_, now, policy, root) => {
    const step = decide(KEY, row(held(2)), row({ seen: now }), { ...agreed, root: ROOT }, policy)
    expect(step).toMatchObject({ kind: 'copy' })
    expect(step.kind === 'copy' && step.thereRoot).toBe(root)
  },
)

test.each(cases)('%s', (_, here, there, baseline, policy, expected) => {
  const step = decide(KEY, here, there, baseline, policy)
  expect(step.kind === 'keep' ? step.why : step.kind).toBe(expected)
  expect(step.key).toBe(KEY)
  if (step.kind === 'copy') expect([step.here, step.there]).toEqual([here, there])
  if (step.kind === 'delete') expect(step.there).toBe(there)
  const parents = 'newsOnly' in policy ? (baseline ? [baseline.id] : []) : undefined
  if (step.kind !== 'keep') expect(step.parents).toEqual(parents)
})
