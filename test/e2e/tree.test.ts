import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { writeXattrs } from '../../src/endpoints/directory/xattrs.js'
import { ownMounts } from './mounting.js'
import { noise, World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'

/** A tree with everything that a directory keeps, and modes and times that nothing would have by chance. */
function plant(world: World): void {
  for (let i = 0; i < 400; i++) world.write(`data/d${i % 20}/e${i % 3}/f${i}`, noise(i + 1, i * 53))
  const script = `
    mkdir -p data/empty data/closed data/'odd \\n name'
    ln -s ../nowhere data/d1/dangling; ln -s d2 data/to-folder
    printf x > 'data/odd \\n name/\u00e4 U1F600'; : > data/zero; chmod 1755 data/d3/e0/f63; chmod 400 data/d4/e0/f204
    setfattr -n user.note -v kept data/zero 2>/dev/null || true
    find data -depth -exec touch -h -d '2021-02-03T04:05:06.123456789Z' {} +
    touch -h -d '1969-12-31T23:59:58.000000001Z' data/zero; chmod 500 data/closed; chmod 751 data; touch -d '2020-01-01T00:00:00.5Z' data`
  expect(world.run('bash', '-c', script)).toMatchObject({ status: 0 })
}

/** Every name with its kind, mode, time to the nanosecond, size and target; a folder's size is the file system's own. */
const listed = (world: World, folder: string): string =>
  world
    .run('bash', '-c', `cd ${folder} && find . -printf '%p %y %m %T@ %s %l\\n' | sort`)
    .stdout.replaceAll(/ d (\d+ \S+) \d+/g, ' d $1')

test('a tree goes in and out as it was: content, modes, times to the nanosecond, links, empty folders', () => {
  const world = new World()
  plant(world)
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './data', BUCKET).status).toBe(0)
  expect(world.efs('sync', BUCKET, './out').status).toBe(0)
  expect(world.run('diff', '-r', '--no-dereference', 'data', 'out')).toMatchObject({ status: 0, stdout: '' })
  expect(listed(world, 'out')).toBe(listed(world, 'data'))
})

test('a second run does nothing, in and out, and verify agrees', () => {
  const world = new World()
  plant(world)
  world.efs('bucket', 'create', BUCKET)
  world.efs('sync', './data', BUCKET)
  world.efs('sync', BUCKET, './out')
  for (const [from, to] of [
    ['./data', BUCKET],
    [BUCKET, './out'],
    ['./out', BUCKET],
  ] as const) {
    expect(world.summary('sync', from, to), `${from} to ${to}`).toMatchObject({
      filesRead: 0,
      published: 0,
      bytesNew: 0,
    })
  }
  expect(world.efs('verify', '--metadata', './out', BUCKET)).toMatchObject({ status: 0, stdout: '' })
})

test('a part of a bucket goes out by its prefix, and another tree comes in below one', () => {
  const world = new World()
  plant(world)
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './data', `${BUCKET}/deep/er/`).status).toBe(0)
  expect(world.efs('sync', `${BUCKET}/deep/er/`, './out').status).toBe(0)
  expect(listed(world, 'out')).toBe(listed(world, 'data'))
  expect(world.efs('sync', `${BUCKET}/deep/er/d7/`, './part').status).toBe(0)
  expect(listed(world, 'part')).toBe(listed(world, 'data/d7'))
})

test('changes follow: new, changed, renamed, deleted, another kind', () => {
  const world = new World()
  plant(world)
  world.efs('bucket', 'create', BUCKET)
  world.efs('sync', './data', BUCKET)
  world.efs('sync', BUCKET, './out')
  const script = `cd data; rm -rf d1 d2/e1/*; mv d5 d55; echo more >> d6/e0/f6; rm -rf d8; echo file > d8; rm zero; mkdir zero; echo in > zero/in
    ln -sfn d55 to-folder; chmod 600 d9/e0/f9; touch -d '2022-01-01' d10`
  world.run('bash', '-c', script)
  expect(world.efs('sync', './data', BUCKET, '--delete', '--force').status).toBe(0)
  expect(world.efs('sync', BUCKET, './out', '--delete', '--force')).toMatchObject({ status: 0 })
  expect(world.run('diff', '-r', '--no-dereference', 'data', 'out')).toMatchObject({ status: 0, stdout: '' })
  expect(listed(world, 'out')).toBe(listed(world, 'data'))
})

test('a file that runs as its owner runs as nobody else where it comes out, and that is told and comes to rest', () => {
  const world = new World()
  world.write('data/folder/tool', 'tool')
  world.run(
    'bash',
    '-c',
    'chmod 6755 data/folder/tool && chmod 2775 data/folder && touch -d 2022-01-01 data/folder/tool',
  )
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './data', BUCKET).status).toBe(0)
  const modes = (...files: string[]): string => world.run('stat', '-c', '%a', ...files).stdout
  const out = world.efs('sync', BUCKET, './out')
  expect(out).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('not kept: 1 set-uid or set-gid bit (folder/tool)\n'),
  })
  expect(modes('out/folder/tool', 'out/folder')).toBe('755\n2775\n')
  for (const [from, to] of [
    [BUCKET, './out'],
    ['./out', BUCKET],
  ] as const)
    expect(world.summary('sync', from, to)).toMatchObject({ published: 0, notKept: [] })
  expect(world.efs('verify', './out', BUCKET).status).toBe(0)
})

test('what has no mode is written with that of any new file', () => {
  const world = new World()
  world.write('plain', 'x')
  world.efs('bucket', 'create', BUCKET)
  const script = 'node "$0" object put "$1/a" - < plain && umask 077 && node "$0" sync "$1" ./out && stat -c %a out/a'
  expect(world.run('bash', '-c', script, world.program, BUCKET)).toMatchObject({ status: 0, stdout: '600\n' })
})

test('extended attributes that a file system does not take are told', async () => {
  const world = new World({}, await ownMounts())
  world.write('data/f', 'x')
  mkdirSync(world.at('out'))
  writeXattrs(world.at('data/f'), { 'user.note': Buffer.from('kept') })
  expect(world.run('mount', '-t', 'ramfs', 'none', 'out').status).toBe(0)
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './data', BUCKET).status).toBe(0)
  expect(world.efs('sync', BUCKET, './out')).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('not kept: 1 extended attribute (user.note of f)\n'),
  })
  expect(world.efs('verify', './out', BUCKET).status).toBe(0)
})

test('extended attributes beyond what is kept of one file or folder are told', async ({ skip }) => {
  const world = new World({}, await ownMounts())
  mkdirSync(world.at('data'))
  world.run('mount', '-t', 'tmpfs', 'none', 'data')
  const xattr = createRequire(import.meta.url).resolve('@napi-rs/xattr')
  const script = `
    const { setAttributeSync } = require(process.argv[1])
    require('node:fs').writeFileSync('data/f', 'x')
    require('node:fs').mkdirSync('data/in')
    for (const at of ['data/f', 'data/in'])
      for (let i = 10; i < 20; i++) setAttributeSync(at, 'user.k' + i, Buffer.alloc(8000, 'x'))`
  // Before Linux 6.6 it takes none.
  if (world.run(process.execPath, '-e', script, xattr).status !== 0) skip()
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('sync', './data', BUCKET)).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('not kept: 4 extended attributes (the first is user.k18 of f)\n'),
  })
  expect(world.json('object', 'show', `${BUCKET}/f`)).toMatchObject({ xattrs: { length: 8 } })
})
