import { expect, test } from 'vitest'
import type { BaselineRow } from '../../src/model/endpoint.js'
import { contentHash, segmentGuid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { Fingerprint, VersionRef } from '../../src/model/version-ref.js'
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

type Row = VersionRef | undefined
const cases: [string, Row, Row, BaselineRow | undefined, typeof KEEP, string][] = [
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
]

test.each(cases)('%s', (_, here, there, baseline, policy, expected) => {
  const step = decide(KEY, here, there, baseline, policy)
  expect(step.kind === 'keep' ? step.why : step.kind).toBe(expected)
  expect(step.key).toBe(KEY)
  if (step.kind === 'copy') expect([step.here, step.there]).toEqual([here, there])
  if (step.kind === 'delete') expect(step.there).toBe(there)
})
