import { once } from 'node:events'
import { expect, test } from 'vitest'
import { World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'

function withBucket(...settings: string[]): World {
  const world = new World()
  world.efs('bucket', 'create', BUCKET, ...settings)
  world.write('file', 'some bytes')
  return world
}

const put = (world: World, key: string, ...flags: string[]) =>
  world.efs('object', 'put', `${BUCKET}/${key}`, 'file', ...flags)

test('what is expunged is gone with all its versions, also when it was deleted before', () => {
  const world = withBucket()
  put(world, 'a')
  world.efs('object', 'delete', `${BUCKET}/a`)
  expect(world.efs('object', 'delete', `${BUCKET}/a`, '--expunge')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'expunged Hawaii/Cola/bk1/a: 2 versions\n',
  })
  expect(world.efs('object', 'restore', `${BUCKET}/a`).status).toBe(3)
  put(world, 'b')
  expect(world.json('object', 'delete', `${BUCKET}/b`, '--expunge')).toEqual({
    path: `${BUCKET}/b`,
    status: 'expunged',
    versions: 1,
  })
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({ objects: 0, versions: 0, deleted: 0 })
})

test('an object has options of its own, and is written anew when only they differ', () => {
  const world = withBucket()
  expect(put(world, 'a', '-o', 'Delete-After=1h,owner=me').stderr).toBe('put Hawaii/Cola/bk1/a: 10 B, 10 B new\n')
  const shown = Object(world.json('object', 'show', `${BUCKET}/a`))
  expect(shown.options).toEqual({ 'X-Delete-After': '3600', 'X-owner': 'me' })
  expect(Date.parse(shown.expires) - Date.parse(shown.written)).toBe(3_600_000)
  const text = world.efs('object', 'show', `${BUCKET}/a`).stdout
  expect(text).toContain(`expires: ${shown.expires}\nX-Delete-After: 3600\nX-owner: me\n`)
  expect(put(world, 'a', '-o', 'owner=me,X-Delete-After=3600').stderr).toBe(`${BUCKET}/a has this content already\n`)
  expect(put(world, 'a').stderr).toMatch(/^put /)
  expect(world.json('object', 'show', `${BUCKET}/a`)).toMatchObject({ options: {}, expires: null })
  const { version } = shown
  expect(world.json('object', 'show', `${BUCKET}/a`, '--version', version)).toMatchObject({ expires: null })
})

test('where an object says nothing its bucket does, and a tenant for its buckets', () => {
  const world = withBucket('-o', 'delete-after=30d')
  put(world, 'a')
  put(world, 'b', '-o', 'Delete-After=60')
  const after = (key: string): number => {
    const { expires, written } = Object(world.json('object', 'show', `${BUCKET}/${key}`))
    return (Date.parse(expires) - Date.parse(written)) / 1000
  }
  expect([after('a'), after('b')]).toEqual([30 * 86_400, 60])
  expect(world.efs('bucket', 'show', BUCKET).stdout).toContain('X-Delete-After: 2592000\n')
  world.efs('bucket', 'set', BUCKET, '-o', 'Delete-After=-')
  world.efs('tenant', 'set', 'Hawaii/Cola', '-o', 'Delete-After=2h')
  expect([after('a'), after('b')]).toEqual([7_200, 60])
})

test('a collection deletes what has expired, prunes what is too much by now, and forgets deletes when told', async () => {
  const world = withBucket()
  put(world, 'a', '-o', 'Delete-After=1')
  for (const text of ['one', 'two']) {
    world.write('file', text)
    put(world, 'b')
  }
  world.efs('bucket', 'set', BUCKET, '-n', '1')
  await new Promise((resolve) => setTimeout(resolve, 1_100))
  expect(world.json('system', 'gc')).toMatchObject({ expired: 1, pruned: 1, forgotten: 0 })
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('b\n')
  expect(world.json('system', 'gc', '--forget-deletes-before', '0s')).toMatchObject({
    expired: 0,
    pruned: 0,
    forgotten: 1,
  })
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({ objects: 1, versions: 1, deleted: 0 })
  expect(world.efs('system', 'check', '--read-data').status).toBe(0)
})

test('a full bucket says so and how to go on', () => {
  const world = withBucket('--quota', '15', '--quota-count', '1')
  expect(world.efs('bucket', 'show', BUCKET).stdout).toContain('quota: 15\nquota-count: 1\n')
  expect(put(world, 'a').status).toBe(0)
  const segment = /^segment: (\S+)/.exec(world.efs('system', 'status').stdout)?.[1]
  expect(put(world, 'b')).toEqual({
    status: 4,
    stdout: '',
    stderr: `efs: ${BUCKET}/b: ${BUCKET} of segment ${segment} has used up its quota of 1 object
     raise it with efs bucket set ${BUCKET} -q SIZE --quota-count N, or delete something
`,
  })
  expect(world.json('object', 'put', `${BUCKET}/b`, 'file')).toMatchObject({ error: { code: 'PARTLY', exit: 4 } })
  world.efs('object', 'delete', `${BUCKET}/a`)
  expect(put(world, 'b').status).toBe(0)
})

test('in a full bucket nothing is cloned, moved or restored, and nothing is lost by trying', () => {
  const world = withBucket('--quota-count', '1')
  put(world, 'gone')
  world.efs('object', 'delete', `${BUCKET}/gone`)
  put(world, 'a')
  const why = 'has used up its quota of 1 object\n'
  expect(world.efs('object', 'restore', `${BUCKET}/gone`).stderr).toContain(why)
  for (const verb of ['clone', 'move']) {
    const { status, stderr } = world.efs('object', verb, `${BUCKET}/a`, `${BUCKET}/gone`)
    expect({ status, stderr }).toEqual({ status: 4, stderr: expect.stringContaining(why) })
  }
  expect(world.efs('object', 'list', BUCKET).stdout).toBe('a\n')
})

test('two processes that fill a bucket at once never exceed its quota, and together use it up', async () => {
  const world = withBucket('--quota-count', '150')
  for (const side of ['one', 'two']) for (let i = 0; i < 100; i++) world.write(`${side}/${side}${i}`, `${side}${i}`)
  const runs = ['one', 'two'].map((side) => world.start('sync', `./${side}`, BUCKET))
  const ended = Promise.all(runs.map((run) => once(run, 'exit')))
  let most = 0
  let isRunning = true
  ended.finally(() => {
    isRunning = false
  })
  while (isRunning) {
    most = Math.max(most, Number(Object(world.json('bucket', 'show', BUCKET)).objects))
    await new Promise((resolve) => setImmediate(resolve))
  }
  expect((await ended).map(([status]) => status).sort()).toContain(4)
  expect(most).toBeLessThanOrEqual(150)
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({ objects: 150 })
  const listed = world.efs('object', 'list', BUCKET).stdout.trimEnd().split('\n')
  expect(listed.length).toBe(150)
  const { stderr, status } = world.efs('sync', './one', BUCKET)
  const left = 100 - listed.filter((key) => key.startsWith('one')).length
  expect(status).toBe(left === 0 ? 0 : 4)
  expect(stderr.match(/^efs: left out one\d+: .* has used up its quota of 150 objects$/gm)?.length ?? 0).toBe(left)
  expect(world.efs('system', 'check').status).toBe(0)
})

test('a bucket that has only deleted objects can be deleted, and a new one of its name has nothing of it', () => {
  const world = withBucket()
  put(world, 'a')
  expect(world.efs('bucket', 'delete', BUCKET).status).toBe(6)
  world.efs('object', 'delete', `${BUCKET}/a`)
  expect(world.efs('bucket', 'delete', BUCKET)).toMatchObject({
    status: 0,
    stderr: `deleted ${BUCKET}\ngone with it: 2 versions of what had been deleted in it\n`,
  })
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('object', 'list', BUCKET, '--deleted')).toMatchObject({ status: 0, stdout: '' })
  expect(world.efs('object', 'restore', `${BUCKET}/a`).status).toBe(3)
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({ objects: 0, versions: 0, deleted: 0 })
  expect(world.efs('system', 'check', '--read-data').status).toBe(0)
})
