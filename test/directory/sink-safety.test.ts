import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { throwIfFatal } from '../../src/endpoints/directory/sink-faults.js'
import { emptyFolder, makeFile } from './folders.js'
import { listAll } from './reading.js'
import { deleted, done, file, folder, link, pages, publish, sinkOf, small, told } from './sinking.js'

const mtimeOf = (file: string): bigint => lstatSync(file, { bigint: true }).mtimeNs
const names = (root: string): string[] => readdirSync(root).sort()

test.each([
  ['../out', "part that is '.' or '..'"],
  ['a/../../out', "part that is '.' or '..'"],
  ['/etc/out', 'starts with /'],
  ['a//b', 'two in a row'],
  [`a/${'x'.repeat(256)}`, '256 bytes, at most 255'],
  ['a\0b', 'NUL'],
  ['.efs-1-ab.partial', 'what efs writes for itself'],
  ['ends/', 'names a folder'],
])('a file cannot be named %j', async (key, why) => {
  const root = emptyFolder()
  expect(told(await publish(root, file(key)))[0]).toContain(why)
  expect(names(root)).toEqual([])
})

test('no key leads out of the root through a link', async () => {
  const [root, outside] = [emptyFolder(), emptyFolder()]
  makeFile(outside, 'kept', 'kept')
  symlinkSync(outside, path.join(root, 'out'))
  makeFile(root, 'plain')
  const results = await publish(
    root,
    file('out/new'),
    folder('out/folder/'),
    file('out/a/b'),
    folder('out/'),
    deleted('out/kept', (await listAll(outside)).rows[0]),
    file('plain/below'),
  )
  const link = 'out is in the way: it is a symbolic link'
  expect(told(results)).toEqual([link, link, link, link, 'known', 'plain is in the way: it is a file'])
  await sinkOf(root).finish(pages([folder('out/', { mode: 0o700, mtimeNs: 0n })]))
  expect(names(outside)).toEqual(['kept'])
  expect(mtimeOf(outside)).not.toBe(0n)
})

test('keys that one name would have to serve are parked and named', async () => {
  const root = emptyFolder()
  mkdirSync(path.join(root, 'a'))
  expect(told(await publish(root, file('a'), link('a', 'x'), file('b'), file('b/c'), folder('b/')))).toEqual([
    'a is in the way: it is a folder',
    'a is in the way: it is a folder',
    expect.stringContaining('is in the way'),
    'published',
    expect.stringMatching(/known|published/),
  ])
  expect(names(root)).toEqual(['a', 'b'])
})

test('a link is written as a link, over a file or a link, and never through it', async () => {
  const [root, outside] = [emptyFolder(), emptyFolder()]
  const kept = makeFile(outside, 'kept', 'kept')
  symlinkSync(kept, path.join(root, 'a'))
  makeFile(root, 'b')
  const { rows } = await listAll(root)
  await publish(root, done('a', small('file', 'mine'), rows[0]), done('b', small('link', 'to/é'), rows[1]))
  expect(readFileSync(kept, 'utf8')).toBe('kept')
  expect(readFileSync(path.join(root, 'a'), 'utf8')).toBe('mine')
  expect(readlinkSync(path.join(root, 'b'))).toBe('to/é')
})

test.each([
  ['ENOSPC', 'DISK_FULL'],
  ['EDQUOT', 'DISK_FULL'],
  ['EIO', 'IO'],
  ['EROFS', 'IO'],
])('%s ends the run as %s', (code, expected) => {
  const refused = Object.assign(new Error(code), { code })
  expect(() => throwIfFatal(refused, '/root')).toThrow(expect.objectContaining({ code: expected }))
  expect(throwIfFatal(Object.assign(new Error(), { code: 'EACCES' }), '/root')).toBeUndefined()
})
