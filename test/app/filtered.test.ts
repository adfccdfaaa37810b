import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { verify } from '../../src/app/sync/verify.js'
import type { FilterSpec } from '../../src/model/filter.js'
import { A, B, never, Site } from './site.js'

const without = (...patterns: string[]): { readonly filter: FilterSpec } => ({
  filter: { rules: patterns.map((pattern) => ({ keep: false, pattern })) },
})

test('what the rules leave out is not taken, nor what .efsignore adds; a folder that is left out is not entered', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/x.tmp', '2'], ['in/cache/y', '3'], ['in/log/z', '4'], ['in/.efsignore', 'cache/\n'])
  writeFileSync(Buffer.from(`${site.at('in/cache/')}\xff`, 'latin1'), 'no key')
  const { parked } = await site.sync(site.at('in'), A, without('*.tmp'))
  expect(parked).toEqual([])
  expect(await site.keys(A)).toEqual(['.efsignore', 'a', 'log/z'])
  expect(site.notes).toEqual([expect.stringMatching(/^1 rule of .*\.efsignore$/)])
})

test('--delete keeps what is left out, with the folders that it is in, in a directory and in a bucket', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['out/old/x', '2'], ['out/old/y.tmp', '3'], ['out/gone/x', '4'], ['out/cache/deep/x', '5'])
  await site.sync(site.at('out'), B)
  await site.sync(site.at('in'), A)
  const how = { deletes: true, ...without('*.tmp', 'cache') }
  const { parked } = await site.sync(A, site.at('out'), how)
  expect(parked).toEqual([])
  const left = ['a', 'cache', 'cache/deep', 'cache/deep/x', 'old', 'old/y.tmp']
  expect(readdirSync(site.at('out'), { recursive: true }).sort()).toEqual(left)
  await site.sync(A, B, how)
  expect(await site.keys(B)).toEqual(['a', 'cache/deep/x', 'old/y.tmp'])
})

test('by size: what the source has of another size is left alone, and what only the sink has', async () => {
  const site = await Site.begin()
  site.write(['in/small', '1'], ['in/large', '22222'], ['out/large', '0'], ['out/huge', '333333'], ['out/tiny', '4'])
  await site.sync(site.at('out'), A)
  await site.sync(site.at('in'), B)
  await site.sync(B, A, { deletes: true, filter: { rules: [], bytesMost: 4 } })
  expect(await site.keys(A)).toEqual(['huge', 'large', 'small'])
  await site.sync(A, site.at('out'), { deletes: true })
  expect(existsSync(site.at('out/tiny'))).toBe(false)
})

test('a run with a filter makes no later run believe that nothing has changed, nor believes it', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/x.tmp', '2'])
  await site.sync(site.at('in'), A)
  for (let i = 0; i < 3; i++) await site.sync(A, B, without('*.tmp'))
  expect(await site.keys(B)).not.toContain('x.tmp')
  expect((await site.sync(A, B)).counts.objectsPublished).toBe(1)
  expect(await site.keys(B)).toContain('x.tmp')
  rmSync(site.at('in/a'))
  for (let i = 0; i < 2; i++) await site.sync(site.at('in'), A, without('x.tmp'))
  site.write(['in/x.tmp', 'anew'])
  await site.sync(site.at('in'), A, without('x.tmp'))
  expect((await site.sync(site.at('in'), A)).counts.objectsPublished).toBe(1)
})

test('verify compares what is in, and claims no digest for it', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/b', '2'], ['other/a', '1'], ['other/b', '3'])
  await site.sync(site.at('in'), A)
  await site.sync(site.at('other'), B)
  const check = (more: object, a: string = A) =>
    verify(site.app, { a, b: B, metadata: false, strict: false, ...more }, never(), async () => undefined)
  expect(await check({})).toMatchObject({ differences: 1 })
  const verdict = await check(without('b'))
  expect(verdict).toMatchObject({ differences: 0, objects: 1, bytes: 1 })
  expect(verdict).not.toHaveProperty('digest')
  expect(await check(without('b'), site.at('in'))).toMatchObject({ differences: 0 })
})
