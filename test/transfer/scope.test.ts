import fc from 'fast-check'
import { expect, test } from 'vitest'
import { versionId } from '../../src/model/ids.js'
import { compareKeys, isFolderKey, type ObjectKey, objectKey } from '../../src/model/key.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { Scope } from '../../src/transfer/scope.js'
import { MemoryBaseline } from '../fakes/memory-baseline.js'
import { pagesOf } from '../fakes/pages.js'

const part = fc.constantFrom('a', 'b', 'a.', 'a!', 'é')
const file = fc.array(part, { minLength: 1, maxLength: 3 }).map((parts) => objectKey(parts.join('/')))
const folder = file.map((key) => objectKey(`${key}/`))

const rowOf = (key: ObjectKey): VersionRef => ({ key, kind: isFolderKey(key) ? 'folder' : 'file', size: 0 })

/** A side that holds these keys. */
const sideOf = (keys: readonly ObjectKey[]) => ({
  list: ({ prefix = '' }: { readonly prefix?: string }) =>
    pagesOf(keys.filter((key) => key.startsWith(prefix)).map(rowOf)),
  look: async (asked: readonly ObjectKey[]) => asked.filter((key) => keys.includes(key)).map(rowOf),
})

async function keysOf(pages: AsyncIterable<readonly { readonly key: ObjectKey }[]>): Promise<ObjectKey[]> {
  const all: ObjectKey[] = []
  for await (const page of pages) all.push(...page.map(({ key }) => key))
  return all
}

test('a part lists what the whole lists of it, in the same order', async () => {
  const held = fc.uniqueArray(fc.oneof(file, folder), { maxLength: 30 }).map((keys) => keys.sort(compareKeys))
  await fc.assert(
    fc.asyncProperty(held, fc.array(file), fc.array(folder), async (keys, single, trees) => {
      const scope = new Scope(single, trees)
      const inside = keys.filter((key) => scope.has(key))
      expect(await keysOf(scope.lister(sideOf(keys)).list({}, () => undefined))).toEqual(inside)
      for (const key of keys)
        if (single.includes(key) || trees.some((tree) => key.startsWith(tree))) expect(inside).toContain(key)
    }),
  )
})

test('of a baseline, too', async () => {
  const baseline = new MemoryBaseline()
  const rows = ['a', 'a/b', 'a/b/c', 'd'].map((key) => ({
    key: objectKey(key),
    id: versionId('0'.repeat(64)),
    seen: { size: 0, mtimeNs: 0n, ctimeNs: 0n, inode: 1n, takenMs: 0 },
  }))
  await baseline.put(rows, [])
  const scope = new Scope([objectKey('d')], [objectKey('a/b/')])
  expect(await keysOf(scope.baseline(baseline).scan())).toEqual(['a/b/c', 'd'])
})
