import path from 'node:path'
import { expect, test } from 'vitest'
import { type Names, Spelling } from '../../src/endpoints/directory/spelling.js'

/** A file system that takes names for one that `fold` makes one, and keeps them as `keep` makes them. */
function folding(fold: (name: string) => string, keep: (name: string) => string = (name) => name) {
  /** As they are kept, by what is one to it. */
  const files = new Map<string, string>()
  let lists = 0
  const names: Names = {
    isThere: (at) => files.has(fold(at)),
    list: (folder) => {
      lists++
      return [...files.values()].filter((name) => path.dirname(name) === folder).map((name) => path.basename(name))
    },
  }
  return { names, make: (at: string) => files.set(fold(at), keep(at)), lists: () => lists }
}

const lower = (name: string): string => name.toLowerCase()
const decomposed = (name: string): string => name.normalize('NFD')

test('a name in another case is a twin, and named', () => {
  const { names, make } = folding(lower)
  make('/d/Read')
  const spelling = new Spelling(names)
  expect(spelling.twin('/d/Read')).toBeUndefined()
  expect(spelling.twin('/d/READ')).toBe(
    'it would be one file with Read: this file system does not tell the names apart',
  )
})

test('a name in another form of Unicode is a twin, and one that is kept in another form is lost', () => {
  const { names, make } = folding(decomposed, decomposed)
  make('/d/\u00e9')
  const spelling = new Spelling(names)
  expect(spelling.lost('/d/\u00e9')).toBe('this file system would keep it as e\u0301')
  expect(spelling.twin('/d/\u00e9')).toContain('one file with e\u0301')
  expect(spelling.twin('/d/e\u0301')).toBeUndefined()
})

test('what is kept without its end is lost', () => {
  const { names, make } = folding(
    (name) => name.replace(/[. ]+$/, ''),
    (name) => name.replace(/[. ]+$/, ''),
  )
  make('/d/ends.')
  expect(new Spelling(names).lost('/d/ends.')).toBe('this file system would keep it as ends')
})

test('where names are told apart, no folder is listed', () => {
  const { names, make, lists } = folding((name) => name)
  const spelling = new Spelling(names)
  for (let i = 0; i < 100; i++) {
    make(`/d/Name ${i}`)
    expect(spelling.twin(`/d/Name ${i}`)).toBeUndefined()
  }
  expect(lists()).toBe(0)
  for (let i = 0; i < 100; i++) {
    make(`/d/\u00e9 ${i}`)
    expect(spelling.lost(`/d/\u00e9 ${i}`)).toBeUndefined()
  }
  expect(lists()).toBe(1)
})
