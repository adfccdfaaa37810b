import { expect, test } from 'vitest'
import { decodeBaselineRow, encodeBaselineRow } from '../../src/format/rows-bucket.js'
import { type ChunkId, versionId } from '../../src/model/ids.js'
import { objectPrint } from '../../src/model/version-ref.js'

const agreed = {
  id: versionId('a'.repeat(64)),
  seen: objectPrint('etag', 2 ** 40, 1_700_000_000_000, 1_700_000_001_234),
}
const root = { ref: { id: '7'.repeat(64) as ChunkId, size: 3_000_000_000, node: true }, depth: 3 }

test('a row of a baseline comes back as it was, with a tree and without', () => {
  expect(decodeBaselineRow(encodeBaselineRow(agreed))).toEqual(agreed)
  expect(decodeBaselineRow(encodeBaselineRow({ ...agreed, root }))).toEqual({ ...agreed, root })
  const only = { ref: { ...root.ref, node: false }, depth: 0 }
  expect(decodeBaselineRow(encodeBaselineRow({ ...agreed, root: only })).root).toEqual(only)
})

test('a row from before trees were kept is still read', () => {
  const bytes = encodeBaselineRow({ ...agreed, root })
  expect(decodeBaselineRow(bytes.subarray(0, 72))).toEqual(agreed)
})
