import { mkdirSync, readdirSync, readFileSync, renameSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { HeldFolder } from '../../src/endpoints/directory/held-folder.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from './folders.js'
import { collect, listAll, parcelsOf } from './reading.js'
import { file, sinkOf, told } from './sinking.js'

/** Another one has the folder's place now, which is a link to one outside. */
function becomesLink(root: string, folder: string, target: string): void {
  renameSync(path.join(root, folder), path.join(root, 'moved'))
  symlinkSync(target, path.join(root, folder))
}

describe.each([
  ['held open', true],
  ['looked at', false],
])('folders that are %s', (_, hasHandles) => {
  const isHeld = hasHandles && process.platform === 'linux'

  test('lead to what is in them, however deep, and are let go of', () => {
    const root = emptyFolder()
    const keys = ['a', `${'d/'.repeat(30)}x`, `${'d/'.repeat(30)}y`, `${'d/'.repeat(20)}e/z`, 'd/b']
    for (const key of keys) makeFile(root, key, key)
    const held = new HeldFolder(root, isHeld)
    const open = (): number => readdirSync('/proc/self/fd').length
    const before = isHeld ? open() : 0
    for (const key of [...keys, ...keys.reverse()]) expect(readFileSync(held.at(key), 'utf8')).toBe(key)
    expect(readdirSync(held.inside('')).sort()).toEqual(['a', 'd'])
    expect(readdirSync(held.inside('d/')).sort()).toEqual(['b', 'd'])
    expect(readdirSync(held.at('/')).sort()).toEqual(['a', 'd'])
    if (isHeld) expect(open() - before).toBeLessThan(20)
    held.close()
    if (isHeld) expect(open()).toBe(before)
    expect(new HeldFolder('/', isHeld).at('proc')).toMatch(/\/proc$/)
  })

  test('lead through no link', () => {
    const [root, outside] = [emptyFolder(), emptyFolder()]
    makeFile(root, 'a/b/f', 'mine')
    makeFile(outside, 'b/f', 'not mine')
    const held = new HeldFolder(root, isHeld)
    if (isHeld) held.at('a/b/f')
    becomesLink(root, 'a', outside)
    if (isHeld) expect(readFileSync(held.at('a/b/f'), 'utf8')).toBe('mine')
    held.close()
    for (const key of ['a/b/f', 'a/b/'])
      expect(() => held.at(key)).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    expect(() => held.inside('a/')).toThrow(expect.objectContaining({ code: 'ENOTDIR' }))
    held.close()
  })
})

test('nothing is read behind a link that a folder became since it was listed', async () => {
  const [root, outside] = [emptyFolder(), emptyFolder()]
  const large = noise(1, LIMITS.parcelBytesMax + 1)
  for (const [key, bytes] of Object.entries({ id: 'mine '.repeat(100), large })) {
    makeFile(root, `u/${key}`, bytes)
    makeFile(outside, key, `secret ${bytes}`)
  }
  makeFile(root, 'z', 'comes')
  const { rows } = await listAll(root)
  becomesLink(root, 'u', outside)
  const { objects, parked } = await collect(parcelsOf(root, rows))
  expect([...objects.keys()]).toEqual(['z'])
  expect(parked.map(({ key }) => key).sort()).toEqual(['u/', 'u/id', 'u/large'])
  expect(new Set(parked.map(({ why }) => why))).toEqual(new Set(['changed while it was read']))
})

test('nothing is written behind a link that a folder became while files were made durable', async () => {
  const [root, outside] = [emptyFolder(), emptyFolder()]
  mkdirSync(path.join(root, 'u'))
  const { signal } = new AbortController()
  let looks = 0
  // Asked at first, and again when all is durable and not yet under its name.
  signal.throwIfAborted = () => {
    if (++looks === 2) becomesLink(root, 'u', outside)
  }
  const results = await sinkOf(root).publish([file('u/f'), { ...file('g'), object: 1 }], { overwrite: true, signal })
  expect(told(results)).toEqual(['it cannot be written: a part of its path is not a folder', 'published'])
  expect(readdirSync(outside)).toEqual([])
  expect(readdirSync(root).sort()).toEqual(['g', 'moved', 'u'])
})
