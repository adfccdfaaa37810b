import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { type FilterRule, type FilterSpec, filterOf, parseRules } from '../../src/model/filter.js'
import { compareKeys, type ObjectKey, objectKey } from '../../src/model/key.js'
import type { VersionRef } from '../../src/model/version-ref.js'

const hasRsync = spawnSync('rsync', ['--version']).status === 0
const name = fc.constantFrom('a', 'b', 'ab', 'ba', 'a.b', 'a-', '[a]', 'a\\b')
/** Paths of files; whatever stands before a `/` is a folder. */
const trees = fc.uniqueArray(
  fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('/')),
  { minLength: 10, maxLength: 40 },
)
const sign = fc.constantFrom(
  'a',
  'b',
  '.',
  '-',
  '/',
  '*',
  '**',
  '***',
  '?',
  '[ab]',
  '[!a]',
  '[^b]',
  '[[:alpha:]]',
  '\\a',
  '\\[',
  '[a-c]',
  '[b-a]',
  '[]a]',
)
const anyPattern = fc.array(sign, { minLength: 1, maxLength: 6 }).map((parts) => parts.join(''))
const likelyPattern = fc.oneof(
  name,
  fc
    .array(fc.oneof(name, fc.constantFrom('*', '**', '?', 'a*')), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join('/')),
)
const pattern = fc
  .tuple(fc.constantFrom('', '/', '**/'), fc.oneof(anyPattern, likelyPattern), fc.constantFrom('', '/', '/**', '/***'))
  .map((parts) => parts.join(''))
  .filter((text) => !text.includes('//'))
const rules: fc.Arbitrary<FilterRule[]> = fc.array(fc.record({ keep: fc.boolean(), pattern }), {
  minLength: 1,
  maxLength: 8,
})

test('rsync takes the same of a random tree by the same random rules', ({ skip }) => {
  skip(!hasRsync, 'there is no rsync here to ask')
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-filter-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  let kept = 0
  let left = 0
  fc.assert(
    fc.property(trees, rules, (files, some) => {
      const tree = path.join(dir, 'tree')
      rmSync(tree, { recursive: true, force: true })
      mkdirSync(tree)
      for (const file of files) plant(tree, file)
      const keys = keysOf(tree)
      const ours = keptBy({ rules: some }, keys)
      kept += ours.length
      left += keys.length - ours.length
      expect(ours).toEqual(keptByRsync(tree, some))
    }),
    { numRuns: 40 },
  )
  expect(Math.min(kept, left)).toBeGreaterThan(50)
})

/** Nothing where a file stands in the place of a folder, or a folder in its own. */
function plant(tree: string, file: string): void {
  try {
    mkdirSync(path.dirname(path.join(tree, file)), { recursive: true })
    writeFileSync(path.join(tree, file), '')
  } catch (error) {
    if (!/EEXIST|ENOTDIR|EISDIR/.test(String(error))) throw error
  }
}

const keysOf = (tree: string): string[] =>
  readdirSync(tree, { recursive: true, withFileTypes: true })
    .map((entry) => path.relative(tree, path.join(entry.parentPath, entry.name)) + (entry.isDirectory() ? '/' : ''))
    .sort(compareKeys)

function keptBy(spec: FilterSpec, keys: readonly string[]): string[] {
  const leavesAlone = filterOf(spec)?.pass() ?? (() => false)
  return keys.filter((key) => !leavesAlone(objectKey(key), undefined, undefined))
}

function keptByRsync(tree: string, some: readonly FilterRule[]): string[] {
  const args = some.map(({ keep, pattern }) => `--filter=${keep ? '+' : '-'} ${pattern}`)
  const { stdout, stderr, status } = spawnSync(
    'rsync',
    ['-a', '--dry-run', '--out-format=%n', ...args, `${tree}/`, `${tree}-none/`],
    { encoding: 'utf8' },
  )
  if (status !== 0) throw new Error(stderr)
  return stdout
    .split('\n')
    .filter((line) => line !== '' && line !== './' && !line.startsWith('created directory'))
    .sort(compareKeys)
}

test('keys in any order are told as in order, also where a bucket has no rows of its folders', () => {
  const spec = {
    rules: [
      { keep: true, pattern: 'a/keep' },
      { keep: false, pattern: 'a' },
      { keep: false, pattern: '*.tmp' },
    ],
  }
  const files = ['a/keep', 'b/a/x', 'b/x', 'b/x.tmp', 'x.tmp/y', 'z/a']
  expect(keptBy(spec, files)).toEqual(['b/x'])
  expect(keptBy(spec, files.toReversed())).toEqual(['b/x'])
})

const row = (size: number, changedMs: number, kind: VersionRef['kind'] = 'file'): VersionRef => ({
  key: 'k' as ObjectKey,
  kind,
  size,
  mtimeNs: BigInt(changedMs) * 1_000_000n,
})

test.each<[string, Omit<FilterSpec, 'rules'>, VersionRef | undefined, VersionRef | undefined, boolean]>([
  ['too small', { bytesLeast: 10 }, row(9, 0), undefined, true],
  ['just large enough', { bytesLeast: 10 }, row(10, 0), undefined, false],
  ['just small enough', { bytesMost: 10 }, row(10, 0), undefined, false],
  ['too large', { bytesMost: 10 }, row(11, 0), undefined, true],
  ['what the source has decides', { bytesMost: 10 }, row(1, 0), row(11, 0), false],
  ['what the source lacks is told by the sink', { bytesMost: 10 }, undefined, row(11, 0), true],
  ['too old', { changedSinceMs: 50 }, row(1, 49), undefined, true],
  ['old enough', { changedUntilMs: 50 }, row(1, 50), undefined, false],
  ['too new', { changedUntilMs: 50 }, row(1, 51), undefined, true],
  ['a folder has neither', { bytesLeast: 10, changedSinceMs: 50 }, row(0, 0, 'folder'), undefined, false],
  ['a link has neither', { bytesLeast: 10 }, row(1, 0, 'link'), undefined, false],
])('%s', (_, bounds, left, right, isOut) => {
  expect(filterOf({ rules: [], ...bounds })?.pass()('k' as ObjectKey, left, right)).toBe(isOut)
})

test('rules of a file', () => {
  expect(parseRules('# talk\n\n+ a b\r\n- *.tmp\n;\nbare', 'f')).toEqual([
    { keep: true, pattern: 'a b' },
    { keep: false, pattern: '*.tmp' },
    { keep: false, pattern: 'bare' },
  ])
})

test('a character beyond the first plane is one; many stars take no time', () => {
  expect(keptBy({ rules: [{ keep: false, pattern: 'a?c' }] }, ['a😀c', 'a😀😀c'])).toEqual(['a😀😀c'])
  expect(keptBy({ rules: [{ keep: false, pattern: `${'**a*'.repeat(200)}b` }] }, ['a'.repeat(1000)])).toHaveLength(1)
})

test.each(['', 'x'.repeat(4097), '[a', 'a[[:nope:]]'])('what is no pattern is refused: %j', (pattern) => {
  expect(() => filterOf({ rules: [{ keep: false, pattern }] })).toThrow(expect.objectContaining({ code: 'USAGE' }))
})

test('what is no rule of a file is refused, and told where it stands', () => {
  expect(() => parseRules('a\n- [b', 'f')).toThrow('f line 2: the pattern [b has')
  expect(() => parseRules('- a\n!', 'f')).toThrow(expect.objectContaining({ code: 'USAGE' }))
})
