import { once } from 'node:events'
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'

function withBucket(): World {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  return world
}

/** Puts some text and gives the id of the version that it became. */
function putText(world: World, key: string, text: string): string {
  world.write('file', text)
  expect(world.efs('object', 'put', `${BUCKET}/${key}`, 'file').status).toBe(0)
  return Object(world.json('object', 'show', `${BUCKET}/${key}`)).version
}

const cat = (world: World, ...args: string[]): string =>
  world.efs('object', 'get', `${BUCKET}/${args[0]}`, '-', ...args.slice(1)).stdout

test('what is put is what is got, whole and by range, by file and by pipe', () => {
  const world = withBucket()
  const big = noise(3, 5_000_000)
  world.write('big', big)
  expect(world.efs('object', 'put', `${BUCKET}/dir/big`, 'big').stderr).toBe(
    'put Hawaii/Cola/bk1/dir/big: 4.77 MiB, 4.77 MiB new\n',
  )
  expect(world.efs('object', 'put', `${BUCKET}/dir/big`, 'big').stderr).toBe(
    'Hawaii/Cola/bk1/dir/big has this content already\n',
  )
  expect(world.efs('object', 'get', `${BUCKET}/dir/big`)).toMatchObject({ status: 0, stdout: '' })
  expect(readFileSync(world.at('big')).equals(big)).toBe(true)
  for (const [range, part] of [
    ['0-0', big.subarray(0, 1)],
    ['1000000-1999999', big.subarray(1_000_000, 2_000_000)],
    ['4999990-', big.subarray(4_999_990)],
    ['-10', big.subarray(-10)],
    ['4999990-99999999', big.subarray(4_999_990)],
  ] as const) {
    expect(world.efs('object', 'get', `${BUCKET}/dir/big`, 'part', '--range', range).status).toBe(0)
    expect(readFileSync(world.at('part')).equals(part), range).toBe(true)
  }
  expect(world.efs('object', 'get', `${BUCKET}/dir/big`, '-', '--range', '5-2').status).toBe(2)
  world.run(
    'bash',
    '-c',
    `"$0" "$1" object get ${BUCKET}/dir/big - | "$0" "$1" object put ${BUCKET}/piped -`,
    process.execPath,
    world.program,
  )
  const [piped, direct] = ['piped', 'dir/big'].map(
    (key) => Object(world.json('object', 'show', `${BUCKET}/${key}`)).contentHash,
  )
  expect(piped).toBe(direct)
})

test('what cannot be the file to write or the bytes to take in is said in words', () => {
  const world = withBucket()
  world.write('file', 'x')
  world.efs('object', 'put', `${BUCKET}/key`, 'file')
  mkdirSync(world.at('out'))
  const hint = '     name the file in it that is to be written\n'
  for (const [file, status, stderr] of [
    ['out', 2, `efs: out is a folder\n${hint}`],
    ['out/', 2, `efs: out/ is a folder\n${hint}`],
    ['none/', 2, `efs: none/ is a folder\n${hint}`],
    ['none/file', 3, 'efs: no such folder: none\n     check the path\n'],
  ] as const) {
    expect(world.efs('object', 'get', `${BUCKET}/key`, file)).toEqual({ status, stdout: '', stderr })
  }
  expect(readdirSync(world.at('out'))).toEqual([])
  const put = ['exec "$0" "$1" object put "$2" - < out', process.execPath, world.program, `${BUCKET}/from-folder`]
  expect(world.run('sh', '-c', ...put)).toEqual({
    status: 2,
    stdout: '',
    stderr: 'efs: stdin is a folder\n     redirect it from a file, or from a pipe\n',
  })
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('key\n')
})

test('a link is followed, and what is no file is written into as it stands', async () => {
  const world = withBucket()
  putText(world, 'key', 'some text')
  world.write('real', 'older, and longer than that')
  symlinkSync('real', world.at('link'))
  expect(world.efs('object', 'get', `${BUCKET}/key`, 'link').status).toBe(0)
  expect(readFileSync(world.at('real'), 'utf8')).toBe('some text')
  expect(lstatSync(world.at('link')).isSymbolicLink()).toBe(true)
  world.run('mkfifo', 'pipe')
  const getting = world.start('object', 'get', `${BUCKET}/key`, 'pipe')
  expect(world.run('timeout', '20', 'cat', 'pipe').stdout).toBe('some text')
  expect((await once(getting, 'exit'))[0]).toBe(0)
  expect(lstatSync(world.at('pipe')).isFIFO()).toBe(true)
})

test('every change is a version, and a deleted object comes back', async () => {
  const world = withBucket()
  const first = putText(world, 'a', 'one')
  await new Promise((resolve) => setTimeout(resolve, 5))
  const between = `@${Date.now() / 1000}`
  await new Promise((resolve) => setTimeout(resolve, 5))
  const second = putText(world, 'a', 'two')
  expect(second).not.toBe(first)
  expect(cat(world, 'a', '--version', first.slice(0, 10))).toBe('one')
  expect(cat(world, 'a', '--at', between)).toBe('one')
  expect(world.efs('object', 'delete', `${BUCKET}/a`).stderr).toBe('deleted Hawaii/Cola/bk1/a\n')
  expect(world.efs('object', 'get', `${BUCKET}/a`, '-')).toMatchObject({ status: 3, stdout: '' })
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('')
  expect(world.efs('object', 'list', BUCKET, '--deleted').stdout).toBe('a\n')
  expect(world.efs('object', 'list', BUCKET, '--at', between).stdout).toBe('a\n')
  expect(world.efs('object', 'restore', `${BUCKET}/a`).status).toBe(0)
  expect(cat(world, 'a')).toBe('two')
  for (const text of ['', first.slice(0, 7), `${first}0`, 'not hex at all'])
    expect(world.efs('object', 'show', `${BUCKET}/a`, '--version', text)).toEqual({
      status: 2,
      stdout: '',
      stderr: `efs: not the id of a version: "${text}"\n     write its first 8 hexadecimal digits, or more: efs object versions ${BUCKET}/a lists them\n`,
    })
  expect(world.efs('object', 'restore', `${BUCKET}/a`, '--version', first.slice(0, 8).toUpperCase()).status).toBe(0)
  expect(cat(world, 'a')).toBe('one')
  const lines = world.efs('object', 'versions', `${BUCKET}/a`).stdout.trimEnd().split('\n')
  expect(lines.map((line) => line.trim().split(/ +/).slice(2).join(' '))).toEqual(['3 head', '3', 'deleted', '3', '3'])
})

test('a version that is a delete is not brought out as an empty file', () => {
  const world = withBucket()
  putText(world, 'a', 'one')
  world.efs('object', 'delete', `${BUCKET}/a`)
  const { versions } = world.json('object', 'versions', `${BUCKET}/a`) as { versions: { version: string }[] }
  const version = versions[0]?.version ?? ''
  world.write('mine', 'kept')
  const stderr = `efs: version ${version.slice(0, 16)} of ${BUCKET}/a is a delete: it has no content\n     efs object versions ${BUCKET}/a shows those that have\n`
  for (const words of [['get', 'mine'], ['get', '-'], ['restore']]) {
    const [verb = '', ...file] = words
    const ended = world.efs('object', verb, `${BUCKET}/a`, ...file, '--version', version)
    expect(ended, words.join(' ')).toEqual({ status: 2, stdout: '', stderr })
  }
  expect(readFileSync(world.at('mine'), 'utf8')).toBe('kept')
})

test('what an object was before it came, or while it was deleted, is told as that', async () => {
  const world = withBucket()
  const moment = async (): Promise<string> => {
    await new Promise((resolve) => setTimeout(resolve, 5))
    const now = new Date().toISOString()
    await new Promise((resolve) => setTimeout(resolve, 5))
    return now
  }
  const before = await moment()
  putText(world, 'a', 'one')
  world.efs('object', 'delete', `${BUCKET}/a`)
  const between = await moment()
  putText(world, 'a', 'two')
  const told = (at: string, key = 'a') => world.efs('object', 'get', `${BUCKET}/${key}`, '-', '--at', at)
  const hint = `     efs object versions ${BUCKET}/a tells what there was when\n`
  const { status, stdout, stderr } = told(before)
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  const [head, , since = ''] = /^(.*): (the oldest that is kept is of (\S+))\n/.exec(stderr)?.slice(1, 4) ?? []
  expect(head).toBe(`efs: no version of ${BUCKET}/a is as old as ${before}`)
  expect(stderr.endsWith(hint)).toBe(true)
  expect([before < since, since < between]).toEqual([true, true])
  expect(told(between).stderr).toBe(`efs: ${BUCKET}/a was deleted at ${between}\n${hint}`)
  expect(told(between, 'b').stderr).toMatch(/^efs: no object Hawaii\/Cola\/bk1\/b\n/)
  expect(told('@99999999999999').stderr).toMatch(/^efs: --at: not a time: @99999999999999\n/)
})

test('what was there at a time, and is kept of later times alone, is left out by name', () => {
  const world = withBucket()
  world.efs('bucket', 'set', BUCKET, '-n', '2')
  for (const key of ['a', 'b']) putText(world, key, 'as it was')
  const at = new Date().toISOString()
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  for (const text of ['1', '2', '3']) putText(world, 'a', text)
  putText(world, 'later', 'made since')
  const why = /left out a: no version as old as \S+ is kept: the oldest is of \S+\n/
  expect(world.efs('object', 'list', BUCKET, '--at', at)).toEqual({
    status: 0,
    stdout: 'b\n',
    stderr: expect.stringMatching(why),
  })
  const synced = world.efs('sync', BUCKET, './then', '--at', at)
  expect(synced).toMatchObject({ status: 4, stderr: expect.stringMatching(why) })
  expect(synced.stderr).not.toContain('later')
  expect(readdirSync(world.at('then'))).toEqual(['b'])
})

test('clone and move bring no new data, and do not overwrite unless told', () => {
  const world = withBucket()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk2')
  world.write('big', noise(5, 1_000_000))
  world.efs('object', 'put', `${BUCKET}/a`, 'big')
  const packs = (): number => Number(world.run('du', '-sb', 'home/packs').stdout.split('\t', 1)[0])
  const before = packs()
  expect(world.efs('object', 'clone', `${BUCKET}/a`, 'Hawaii/Cola/bk2/b')).toMatchObject({
    status: 0,
    stderr: 'cloned Hawaii/Cola/bk1/a to Hawaii/Cola/bk2/b\n',
  })
  expect(world.efs('object', 'move', `${BUCKET}/a`, `${BUCKET}/c`).status).toBe(0)
  expect(packs() - before).toBeLessThan(3000)
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('c\n')
  expect(world.efs('object', 'clone', `${BUCKET}/c`, 'Hawaii/Cola/bk2/b').status).toBe(5)
  expect(world.efs('object', 'clone', `${BUCKET}/c`, 'Hawaii/Cola/bk2/b', '--force').status).toBe(0)
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk2/b', 'out').status).toBe(0)
  expect(statSync(world.at('out')).size).toBe(1_000_000)
})

test('a listing is in the byte order of keys, by prefix, limited, long and as JSON', () => {
  const world = withBucket()
  for (const key of ['b', 'a/b', 'a', 'a b', 'ä', '\u{1F600}', '\uFF5E']) putText(world, key, 'x')
  const all = ['a', 'a b', 'a/b', 'b', 'ä', '\uFF5E', '\u{1F600}']
  expect(world.efs('object', 'list', BUCKET).stdout).toBe(`${all.join('\n')}\n`)
  expect(world.efs('object', 'list', `${BUCKET}/a/`).stdout).toBe('a/b\n')
  expect(world.efs('object', 'list', BUCKET, '--prefix', 'a', '--limit', '2').stdout).toBe('a\na b\n')
  expect(world.json('object', 'list', BUCKET, '--limit', '1')).toMatchObject({
    path: BUCKET,
    objects: [{ key: 'a', size: 1, kind: 'file' }],
  })
  expect(world.json('object', 'list', BUCKET, '--prefix', 'zz')).toEqual({ path: BUCKET, objects: [] })
  expect(world.efs('object', 'list', BUCKET, '--long', '--limit', '1').stdout).toMatch(
    /^ +1 \d{4}-\d\d-\d\dT[\d:.]+Z [0-9a-f]{16} a\n$/,
  )
})

test('a pipe is read to its end, and a link to the file that it leads to', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.write('file', 'of the file')
  world.run('ln', '-s', 'file', 'link')
  const put = 'node "$0" object put Hawaii/Cola/bk1/piped <(echo from a pipe)'
  expect(world.run('bash', '-c', put, world.program)).toMatchObject({ status: 0 })
  expect(world.efs('object', 'put', 'Hawaii/Cola/bk1/linked', 'link')).toMatchObject({ status: 0 })
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk1/piped', '-').stdout).toBe('from a pipe\n')
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk1/linked', '-').stdout).toBe('of the file')
})

test('a link whose size is said to be another comes in by what they say', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  expect(world.efs('sync', '/sys/class/net', 'Hawaii/Cola/bk1', '--include', 'lo')).toMatchObject({ status: 0 })
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk1/lo', '-').stdout).toBe(
    world.run('readlink', '-n', '/sys/class/net/lo').stdout,
  )
  expect(world.summary('sync', '/sys/class/net', BUCKET, '--include', 'lo')).toMatchObject({ published: 0 })
})
