import { spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually } from './sites.js'
import { World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'
/** Long enough that what was just written is at rest. */
const rest = (): void => void Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100)

const filesOf = (world: World): string[] =>
  world.run('find', world.at('d'), '-type', 'f', '-printf', '%P\\n').stdout.trimEnd().split('\n').sort()

function mirrored(direction: string): World {
  const world = new World()
  mkdirSync(world.at('d'))
  for (const args of [
    ['bucket', 'create', BUCKET],
    ['service', 'create', 'isgw', 'm', '--remote', `file://${world.at('d')}`, '--direction', direction],
    ['bucket', 'attach', BUCKET, 'm'],
  ])
    expect(world.efs(...args), args.join(' ')).toMatchObject({ status: 0 })
  return world
}

test('one full pass both ways needs no gateway; the guard stops what would delete all, until it is forced', () => {
  const world = mirrored('both')
  world.write('d/a', 'a')
  world.write('f', 'b')
  world.efs('object', 'put', `${BUCKET}/b`, 'f')
  rest()
  expect(world.efs('service', 'sync', 'm')).toMatchObject({
    status: 0,
    stderr: expect.stringMatching(
      /d to Hawaii\/Cola\/bk1: 1 version offered, 1 version new.*, run 1\n.*bk1 to .*d: 2 versions offered, 1/,
    ),
  })
  rmSync(world.at('d/a'))
  rmSync(world.at('d/b'))
  const stopped = world.efs('service', 'sync', 'm')
  expect(stopped.status).toBe(6)
  expect(stopped.stderr).toMatch(
    /stopped by the guard: the source is empty and 2 objects would be deleted\n.*service sync m --force/,
  )
  expect(world.efs('service', 'sync', 'm', '--force').status).toBe(0)
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('')
  expect(world.efs('run', 'undo', '2').stderr).toContain(`undid run 2: 2 objects of ${BUCKET} are as they were before`)
})

test('a first pass deletes nothing of what stood there before, until that is meant', () => {
  const world = mirrored('send')
  for (const name of ['x', 'y']) world.write(`d/${name}`, `somebody's ${name}`)
  for (const key of ['a', 'b']) world.efsReading(key, 'object', 'put', `${BUCKET}/${key}`, '-')
  const stopped = world.efs('service', 'sync', 'm')
  expect(stopped.status).toBe(6)
  expect(stopped.stderr).toMatch(
    /d was never the same as this bucket and 2 objects would be deleted\n.*service sync m --force/,
  )
  expect(filesOf(world)).toEqual(['x', 'y'])
  expect(world.efs('service', 'sync', 'm', '--force').status).toBe(0)
  expect(filesOf(world)).toEqual(['a', 'b'])
  world.write('d/z', 'put there since')
  expect(world.efs('service', 'sync', 'm').status).toBe(0)
  expect(filesOf(world)).toEqual(['a', 'b'])
})

test('what a pass wrote a moment ago is no news to the next one: what was changed or deleted in the bucket since stays so', () => {
  const world = mirrored('both')
  const put = (key: string, content: string) =>
    expect(world.efsReading(content, 'object', 'put', `${BUCKET}/${key}`, '-').status).toBe(0)
  for (const key of ['changed', 'deleted', 'theirs', 'rights']) put(key, 'older')
  expect(world.efs('service', 'sync', 'm').status).toBe(0)
  put('changed', 'newer')
  for (const key of ['deleted', 'theirs']) expect(world.efs('object', 'delete', `${BUCKET}/${key}`).status).toBe(0)
  world.write('d/theirs', 'from the directory')
  chmodSync(world.at('d/rights'), 0o640)
  rest()
  expect(world.efs('service', 'sync', 'm').status).toBe(0)
  expect(filesOf(world)).toEqual(['changed', 'rights', 'theirs'])
  const read = (key: string) => [
    world.efs('object', 'get', `${BUCKET}/${key}`, '-').stdout,
    readFileSync(world.at('d', key), 'utf8'),
  ]
  expect(read('changed')).toEqual(['newer', 'newer'])
  expect(read('theirs')).toEqual(['from the directory', 'from the directory'])
  const rights = ['--metadata', '--include', 'rights', '--exclude', '*']
  expect(world.efs('verify', BUCKET, world.at('d'), ...rights)).toMatchObject({ status: 0 })
})

test('what cannot be taken in is left out and named, and what is being written is left for later', async () => {
  const world = mirrored('receive')
  world.write('d/good', 'good')
  writeFileSync(Buffer.concat([Buffer.from(`${world.at('d')}/caf`), Buffer.of(0xe9)]), 'latin 1')
  rest()
  const script = "const fs=require('fs');for(;;)fs.appendFileSync(process.argv[1],'x')"
  const writer = spawn(process.execPath, ['-e', script, world.at('d/young')])
  const ended = new Promise((resolve) => writer.once('exit', resolve))
  await eventually(() => existsSync(world.at('d/young')))
  const { status, stderr } = world.efs('service', 'sync', 'm')
  writer.kill()
  await ended
  expect(status).toBe(4)
  expect(stderr).toContain('left out caf\\xe9: its name is not UTF-8')
  expect(stderr).toContain('left out young: it is being written just now')
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('good\n')
})

test('what the .efsignore of the directory leaves alone neither comes nor goes, and stays where it is', () => {
  const world = mirrored('both')
  world.write('d/.efsignore', '*.tmp\n/cache/\n')
  for (const file of ['a', 'a.tmp', 'cache/c']) world.write(`d/${file}`, file)
  for (const key of ['b', 'b.tmp']) world.efs('object', 'put', `${BUCKET}/${key}`, world.at('d/a'))
  rest()
  expect(world.efs('service', 'sync', 'm').status).toBe(0)
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('.efsignore\na\nb\nb.tmp\n')
  expect(filesOf(world)).toEqual(['.efsignore', 'a', 'a.tmp', 'b', 'cache/c'])
  expect(world.efs('why', `${BUCKET}/b.tmp`).stdout).toContain('a rule of .efsignore leaves it alone')

  // Of what is left alone by now a delete goes neither way.
  world.write('d/.efsignore', '*.tmp\n/cache/\na\nb\n')
  rmSync(world.at('d/a'))
  expect(world.efs('object', 'delete', `${BUCKET}/b`).status).toBe(0)
  rest()
  expect(world.efs('service', 'sync', 'm').status).toBe(0)
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('.efsignore\na\nb.tmp\n')
  expect(filesOf(world)).toEqual(['.efsignore', 'a.tmp', 'b', 'cache/c'])

  world.write('d/.efsignore', '[a\n')
  expect(world.efs('service', 'sync', 'm')).toMatchObject({ status: 2, stderr: expect.stringContaining('[a') })
})

test('where nothing is taken in, the .efsignore of the directory stays, with what it protects', () => {
  const world = mirrored('send')
  for (const file of ['.efsignore', 'own.tmp', 'stray']) world.write(`d/${file}`, '*.tmp\n')
  world.efs('object', 'put', `${BUCKET}/b`, world.at('d/stray'))
  for (const meant of [['--force'], []]) {
    expect(world.efs('service', 'sync', 'm', ...meant).status).toBe(0)
    expect(filesOf(world)).toEqual(['.efsignore', 'b', 'own.tmp'])
  }
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('b\n')
})

test('what a directory cannot hold is left out and named, and stays in the bucket', () => {
  const world = mirrored('send')
  world.write('f', 'x')
  for (const key of ['a', 'a/b', `${'n'.repeat(256)}`, 'double//slash'])
    expect(world.efs('object', 'put', `${BUCKET}/${key}`, 'f').status).toBe(0)
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = world.efs('service', 'sync', 'm')
    expect(status).toBe(4)
    expect(stderr).toMatch(/left out a(\/b)?: a is in the way/)
    expect(stderr).toContain('at most 255 fit in a file')
    expect(stderr).toContain('left out double//slash: it starts with / or has two in a row')
  }
  expect(world.efs('why', `${BUCKET}/double//slash`).stdout).toContain('has not got it yet')
})
