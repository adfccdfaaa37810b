import { expect, test } from 'vitest'
import { Dirty, scopeOf } from '../../src/app/mirror/dirty.js'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'

const REST = LIMITS.fileRestMs

test('a path is due once it was left alone for a while', () => {
  const dirty = new Dirty()
  expect(dirty.dueMs).toBe(Number.POSITIVE_INFINITY)
  dirty.changed('a', 1000)
  dirty.changed('b', 1100)
  dirty.changed('a', 1200)
  expect(dirty.take(1100 + REST)).toEqual(['b'])
  expect(dirty.dueMs).toBe(1200 + REST)
  expect(dirty.take(1199 + REST)).toEqual([])
  expect(dirty.take(1200 + REST)).toEqual(['a'])
  expect(dirty.dueMs).toBe(Number.POSITIVE_INFINITY)
})

test('very many paths are all there is, and what changes all the time does not put that off', () => {
  const dirty = new Dirty()
  for (let i = 0; i <= LIMITS.mirrorKeysMax; i++) dirty.changed(`f${i}`, 1000)
  expect(dirty.take(1000 + REST)).toEqual([])
  dirty.changed('', 1500)
  dirty.changed('busy', 1900)
  expect(dirty.dueMs).toBe(1000 + REST)
  expect(dirty.takeAll(999 + REST)).toBe(false)
  expect(dirty.takeAll(1000 + REST)).toBe(true)
  expect(dirty.takeAll(1000 + REST)).toBe(false)
})

test('rules that change concern all', () => {
  const dirty = new Dirty()
  dirty.changed('a/.efsignore', 1000)
  expect(dirty.takeAll(1000 + REST)).toBe(false)
  dirty.changed('.efsignore', 1000)
  expect(dirty.takeAll(1000 + REST)).toBe(true)
})

test('a path stands for what is there, and for what was below it', () => {
  const scope = scopeOf(['a/b'], [objectKey('c/d')])
  for (const key of ['a/b', 'a/b/', 'a/b/x/y', 'c/d', 'a/', 'c/', '/'])
    expect(scope?.has(objectKey(key)), key).toBe(true)
  for (const key of ['a/c', 'c/d/e', 'a/bb']) expect(scope?.has(objectKey(key)), key).toBe(false)
})

test('what cannot be a key is looked for in its folder', () => {
  const long = 'x'.repeat(LIMITS.keyBytesMax)
  expect(scopeOf([`a/${long}`], [])?.has(objectKey('a/other'))).toBe(true)
  expect(scopeOf([long], [])).toBeUndefined()
})
