import { closeSync, openSync, readdirSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { PLAIN_SCREEN, screenFor } from '../../src/cli/screen/screen.js'
import { barsText } from '../../src/cli/text/bars.js'
import { tableText } from '../../src/cli/text/table.js'
import { versionLine } from '../../src/cli/text/versions.js'
import { cutMiddle } from '../../src/cli/text/width.js'
import { contentHash, segmentGuid, versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { noise, World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'
const KiB = 1024

test('bars are as long as the amounts, in the width that there is, and what is more than nothing is seen', async () => {
  const bars = [
    { name: 'logical', bytes: 1000 * KiB },
    { name: 'a/name/that/is/too/long/to/stand/here', bytes: 500 * KiB, note: '50 %' },
    { name: 'little', bytes: 1 },
    { name: 'none', bytes: 0 },
  ]
  const fine = await screenFor({ LANG: 'C.UTF-8', TERM: 'dumb' }, { isTTY: true, columns: 60 }, false)
  const lengths = (text: string, bar: RegExp): number[] =>
    text.split('\n').map((line) => bar.exec(line)?.[0].length ?? 0)
  const drawn = barsText(bars, fine)
  expect(drawn.split('\n').filter((line) => [...line].length > 60)).toEqual([])
  expect(lengths(drawn, /█+/)).toEqual([18, 9, 0, 0, 0])
  expect(drawn).toMatch(/^a\/name\/that\S*…\S*here {2}█+ +500 KiB {2}50 %$/m)
  expect(drawn).toMatch(/^little +▏ +1 B$/m)
  expect(lengths(barsText(bars, { ...PLAIN_SCREEN, columns: 60 }), /#+/)).toEqual([18, 9, 1, 0, 0])
})

test('a table is as wide as the terminal: what may be cut shares what is left, in letters and not in bytes', async () => {
  const rows = [
    ['1', 'short', 'x'.repeat(50)],
    ['1000', 'né'.repeat(30), 'end'],
  ]
  const columns = [{ align: 'right' }, { align: 'left', cut: true }, { align: 'left', cut: true }] as const
  const text = await tableText(rows, columns, { columns: 60, more: '…' })
  const [first = '', second = ''] = text.split('\n')
  expect([first.indexOf('short'), second.indexOf('né')]).toEqual([5, 5])
  expect([first, second].map((line) => [...line].length)).toEqual([60, 36])
  expect(await tableText(rows, columns, { columns: undefined, more: '…' })).toContain(`${'né'.repeat(30)} end\n`)
})

test.each([40, 60, 100])('a long listing fits in %i columns', (columns) => {
  const key = objectKey('a/name/that/is/too/long/to/stand/there')
  const hash = 'ab'.repeat(32)
  const held = {
    id: versionId(hash),
    stamp: { time: 1, segment: segmentGuid('0'.repeat(32)) },
    contentHash: contentHash(hash),
    attributesHash: hash,
    root: undefined,
    tips: 1,
  }
  const ref = { key, kind: 'file', size: 200_000_000, mtimeNs: 1_795_975_322_623_078_291n, held } as const
  const line = versionLine(ref, { ...PLAIN_SCREEN, columns })
  expect(line.length).toBeLessThanOrEqual(columns)
  expect(line).toMatch(/^ *200000000 2026-11-29\S* abababab\S* a\S*e$/)
})

test.each([
  ['0123456789', '0123…6789'],
  // Letters of two columns, one of which would not fit into what is left.
  ['写真写真写真', '写真…写真'],
  // Signs that stand on the letter before them, and letters of several signs, are not parted.
  ['e\u0301'.repeat(10), `${'e\u0301'.repeat(4)}…${'e\u0301'.repeat(4)}`],
  ['👩‍🚀👩‍🚀👩‍🚀👩‍🚀👩‍🚀', '👩‍🚀👩‍🚀…👩‍🚀👩‍🚀'],
  ['写真', '写真'],
])('%s is cut in the middle to 9 columns', (text, cut) => {
  expect(cutMiddle(text, 9, '…')).toBe(cut)
})

test('columns are aligned by what letters take on a terminal, and what would move its cursor is spelled', async () => {
  const rows = [
    ['1', '写真/'.repeat(20), 'x'],
    ['2', 'plain', 'x'],
    ['3', 'a\u001b[31m\u202eb', 'x'],
  ]
  const columns = [{ align: 'left' }, { align: 'left', cut: true }, { align: 'left' }] as const
  const lines = (await tableText(rows, columns, { columns: 60, more: '…' })).split('\n')
  expect(lines[0]).toBe(`1 ${'写真/'.repeat(5)}写…真${'/写真'.repeat(5)}/ x`)
  expect(lines.slice(1, 3)).toEqual([`2 plain${' '.repeat(51)} x`, `3 a\\u001b[31m\\u202eb${' '.repeat(38)} x`])
})

test('where the bytes of a bucket are: each chunk once, what only older versions need apart, the largest prefixes', () => {
  const world = new World()
  const blocks = noise(1, 3 * 64 * KiB)
  const folders = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, i) => [`${name}/${name}`, (i + 1) * 10] as const)
  world.write('tree/big/one', blocks)
  world.write('tree/big/two', blocks)
  world.write('tree/again', noise(2, 64 * KiB))
  for (const [name, size] of folders) world.write(`tree/${name}`, noise(3, size))
  world.efs('bucket', 'create', BUCKET, '-s', '64K', '-o', 'chunking=fixed,compression=off')
  world.efs('sync', './tree', BUCKET)
  world.write('tree/again', noise(4, 64 * KiB))
  world.efs('sync', './tree', BUCKET)

  const little = folders.reduce((sum, [, size]) => sum + size, 0)
  const shown = world.json('bucket', 'show', BUCKET, '--bytes')
  expect(shown).toMatchObject({
    usage: {
      logical: 7 * 64 * KiB + little,
      unique: 4 * 64 * KiB + little,
      older: 64 * KiB,
      prefixes: [
        { prefix: 'big/', objects: 2, bytes: 6 * 64 * KiB },
        { prefix: '', objects: 1, bytes: 64 * KiB },
        { prefix: 'g/', objects: 1, bytes: 70 },
        { prefix: 'f/', objects: 1, bytes: 60 },
        { prefix: 'e/', objects: 1, bytes: 50 },
      ],
      others: { prefixes: 4, objects: 4, bytes: 100 },
    },
  })
  // What is stored is that and the node that lists three chunks.
  const { stdout } = world.efs('bucket', 'show', BUCKET)
  const [, compressed = ''] = /^compressed: (\d+) /m.exec(stdout) ?? []
  expect(Number(compressed)).toBeGreaterThan(4 * 64 * KiB + little)
  expect(Number(compressed)).toBeLessThan(4 * 64 * KiB + little + KiB)
  expect(stdout).toContain('big/: 393216 (384 KiB, 2 objects)\n')
  expect(world.json('system', 'summary')).toMatchObject({
    logical: 7 * 64 * KiB + little,
    reduction: expect.any(Number),
  })

  // What is damaged can be shown, as far as that goes.
  const [pack = ''] = readdirSync(world.at('home/packs'))
  const file = openSync(world.at('home/packs', pack), 'r+')
  writeSync(file, noise(5, 5 * 64 * KiB), 0, 5 * 64 * KiB, 64)
  closeSync(file)
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({ objects: 10, usage: null })
  expect(world.efs('bucket', 'show', BUCKET, '--bytes').status).toBe(9)
})
