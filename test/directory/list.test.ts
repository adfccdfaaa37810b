import { linkSync, lstatSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import path from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'
import { emptyFolder, makeFile, run, runWithoutPower } from './folders.js'
import { listAll } from './reading.js'

const keysOf = (rows: readonly { readonly key: string }[]): string[] => rows.map(({ key }) => key)

const byBytes = (keys: Iterable<string>): string[] =>
  [...keys].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))

test('files, links and folders come with what the file system says of them', async () => {
  const root = emptyFolder()
  const file = makeFile(root, 'a/file', 'hello')
  run('touch', '-d', '2001-02-03 04:05:06.123456789 UTC', file)
  run('chmod', '4751', file)
  symlinkSync('../nowhere', path.join(root, 'a/link'))
  mkdirSync(path.join(root, 'empty'), { mode: 0o710 })
  const { rows, parked } = await listAll(root)
  expect(parked).toEqual([])
  expect(rows).toEqual(
    [
      ['a/', 'folder', 0],
      ['a/file', 'file', 5],
      ['a/link', 'link', '../nowhere'.length],
      ['empty/', 'folder', 0],
    ].map(([key, kind, size]) => {
      const stat = lstatSync(path.join(root, String(key).replace(/\/$/, '')), { bigint: true })
      const { mtimeNs, ctimeNs } = stat
      return {
        key,
        kind,
        size,
        ...(kind === 'link' ? {} : { mode: Number(stat.mode & 0o7777n) }),
        mtimeNs,
        seen: { size, mtimeNs, ctimeNs, inode: stat.ino, takenMs: expect.any(Number) },
      }
    }),
  )
  expect(rows[1]).toMatchObject({ mode: 0o4751, mtimeNs: 981173106123456789n })
})

const names = fc.constantFrom('a', 'a.b', 'a-b', 'aa', 'b', 'ab', 'B', '\u{1F600}', '\uE000', 'line\nbreak', ' ')
const trees = fc.uniqueArray(fc.array(names, { minLength: 1, maxLength: 4 }), {
  minLength: 1,
  maxLength: 12,
  selector: (parts) => parts.join('/'),
})

/** Makes the files whose place is free; gives the keys of files and folders that are there then. */
function makeTree(root: string, files: readonly (readonly string[])[]): Set<string> {
  const keys = new Set<string>()
  for (const parts of files) {
    const folders = parts.slice(0, -1).map((_, index) => `${parts.slice(0, index + 1).join('/')}/`)
    const key = parts.join('/')
    if (keys.has(`${key}/`) || folders.some((folder) => keys.has(folder.slice(0, -1)))) continue
    makeFile(root, key, 'x')
    for (const one of [...folders, key]) keys.add(one)
  }
  return keys
}

test('keys come in the order of their bytes, and `after` and `prefix` cut out the same rows', async () => {
  await fc.assert(
    fc.asyncProperty(trees, fc.array(names, { maxLength: 3 }), fc.nat({ max: 3 }), async (files, parts, cut) => {
      const root = emptyFolder()
      const all = byBytes(makeTree(root, files))
      expect(keysOf((await listAll(root)).rows)).toEqual(all)
      const word = parts.join('/')
      const prefix = word.slice(0, word.length - cut)
      expect(keysOf((await listAll(root, { prefix })).rows)).toEqual(all.filter((key) => key.startsWith(prefix)))
      for (const after of [...all, ...(word === '' ? [] : [word])]) {
        const rest = byBytes([...all.filter((key) => key !== after), after])
        const expected = rest.slice(rest.indexOf(after) + 1)
        expect(keysOf((await listAll(root, { after: objectKey(after) })).rows)).toEqual(expected)
      }
    }),
    { numRuns: 40 },
  )
})

test('pages are full and never too large', async () => {
  const root = emptyFolder()
  const count = 2 * LIMITS.pageRowsMax + 10
  for (let i = 0; i < count; i++) makeFile(root, `f${i}`)
  expect((await listAll(root)).pages).toEqual([LIMITS.pageRowsMax, LIMITS.pageRowsMax, 10])
})

test('a folder that is large for one block of names lists in the order of their bytes', async () => {
  const root = emptyFolder()
  const names = Array.from(
    { length: 600 },
    (_, i) => `${String((i * 7919) % 600).padStart(4, '0')}${'é𝄞\uffef'.repeat(15)}`,
  )
  for (const name of names) makeFile(root, name)
  expect(keysOf((await listAll(root)).rows)).toEqual(byBytes(names))
})

test('a name that can be no key is left out and told in a form that can be read', async () => {
  const root = emptyFolder()
  makeFile(root, 'good')
  writeFileSync(Buffer.concat([Buffer.from(`${root}/caf`), Buffer.from([0xe9])]), '')
  mkdirSync(Buffer.concat([Buffer.from(`${root}/d`), Buffer.from([0xff])]))
  const deep = Array.from({ length: 5 }, () => 'n'.repeat(250)).join('/')
  mkdirSync(path.join(root, deep), { recursive: true })
  const { rows, parked } = await listAll(root)
  expect(keysOf(rows)).toContain('good')
  expect(rows.every(({ key }) => Buffer.byteLength(key) <= LIMITS.keyBytesMax)).toBe(true)
  expect(parked).toContainEqual({ key: 'caf\\xe9', why: 'its name is not UTF-8' })
  expect(parked).toContainEqual({ key: 'd\\xff/', why: 'its name is not UTF-8' })
  expect(parked).toContainEqual({ key: `${deep}/`, why: expect.stringContaining('1255 bytes') })
  expect(parked).toHaveLength(3)
})

test('what is not kept is counted with the first of its kind', async () => {
  const root = emptyFolder()
  linkSync(makeFile(root, 'a'), path.join(root, 'b'))
  run('mkfifo', path.join(root, 'pipe'))
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path.join(root, 'socket'), resolve))
  const { rows, losses } = await listAll(root)
  await new Promise((resolve) => server.close(resolve))
  expect(keysOf(rows)).toEqual(['a', 'b'])
  expect(losses.list()).toContainEqual({ what: 'special files', count: 2, first: 'pipe' })
  expect(losses.list()).toContainEqual({ what: 'hard links', count: 2, first: 'a' })
})

test('links are not followed, not even by a prefix', async () => {
  const root = emptyFolder()
  const outside = emptyFolder()
  makeFile(outside, 'secret')
  symlinkSync(outside, path.join(root, 'door'))
  expect((await listAll(root)).rows).toMatchObject([{ key: 'door', kind: 'link' }])
  expect((await listAll(root, { prefix: 'door/' })).rows).toEqual([])
})

test('files that a run is still writing are not listed', async () => {
  const root = emptyFolder()
  makeFile(root, '.efs-1-0011aabbccddeeff.partial')
  makeFile(root, '.efs-notes')
  expect(keysOf((await listAll(root)).rows)).toEqual(['.efs-notes'])
})

test('a folder that cannot be opened is listed, and all below it is left open', () => {
  const root = emptyFolder()
  makeFile(root, 'closed/file')
  makeFile(root, 'open/file')
  run('chmod', '000', path.join(root, 'closed'))
  const listed = runWithoutPower(new URL('./list-script.js', import.meta.url), root)
  expect(listed).toEqual({
    keys: ['closed/', 'open/', 'open/file'],
    parked: [{ key: 'closed/', why: 'it cannot be opened: permission denied' }],
  })
})

test('a root that is gone or closed is an error, never an empty listing', async () => {
  const root = emptyFolder()
  renameSync(root, `${root}.moved`)
  await expect(listAll(root)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  renameSync(`${root}.moved`, root)
  run('chmod', '000', root)
  expect(runWithoutPower(new URL('./list-script.js', import.meta.url), root)).toEqual({ code: 'REFUSED' })
})
