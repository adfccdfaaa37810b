import { existsSync, mkdirSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'

/** A world in which the segment and one bucket are. */
function started(): World {
  const world = new World()
  expect(world.efs('bucket', 'create', BUCKET).status).toBe(0)
  return world
}

const done = (stderr: string) => ({ status: 0, stdout: '', stderr })
const failed = (status: number, stderr: string) => ({ status, stdout: '', stderr: `${stderr}\n` })

describe('create', () => {
  test('in no segment makes the segment and the parents, and says so; afterwards only what is asked for', () => {
    const world = new World()
    const { status, stdout, stderr } = world.run(
      'env',
      '-u',
      'EFS_HOME',
      process.execPath,
      world.program,
      'bucket',
      'create',
      BUCKET,
    )
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
    expect(stderr).toMatch(/^created segment [0-9A-F]{4}-[0-9A-F]{4} in ~\/data\/efs, cluster Hawaii, tenant Cola\n$/)
    const home = ['--home', world.at('data/efs')]
    expect(world.efs(...home, 'bucket', 'create', 'Hawaii/Cola/bk2')).toEqual(done('created bucket Hawaii/Cola/bk2\n'))
    expect(world.efs(...home, 'tenant', 'create', 'Hawaii/Pepsi')).toEqual(done('created tenant Hawaii/Pepsi\n'))
    expect(world.efs(...home, 'cluster', 'create', 'Maui')).toEqual(done('created cluster Maui\n'))
    expect(world.efs(...home, 'bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\nbk2\n')
  })

  test('in a segment without a cluster makes the parents; in an empty folder the segment', () => {
    const world = new World()
    expect(world.efs('system', 'init').status).toBe(0)
    expect(world.efs('tenant', 'create', 'Hawaii/Cola')).toEqual(done('created cluster Hawaii\n'))
    mkdirSync(world.at('empty'))
    expect(world.efs('--home', 'empty', 'cluster', 'create', 'Maui').stderr).toMatch(
      /^created segment .* in ~\/empty\n$/,
    )
  })

  test('in a folder with something else is refused, and nothing is written', () => {
    const world = new World()
    world.write('full/other', 'x')
    const { status, stderr } = world.efs('--home', 'full', 'bucket', 'create', BUCKET)
    expect({ status, stderr }).toEqual({
      status: 3,
      stderr: expect.stringMatching(/^efs: .*\/full holds other things \(other\)/),
    })
    expect(world.run('ls', 'full').stdout).toBe('other\n')
    const inFile = world.efs('--home', 'full/other', 'bucket', 'create', BUCKET)
    expect(inFile).toEqual({
      status: 3,
      stdout: '',
      stderr: expect.stringMatching(/^efs: .*\/full\/other is no folder\n {5}give /),
    })
  })

  test('of a name without parents names the nearest, and --parents makes them', () => {
    const world = started()
    const missing = 'efs: no tenant Hawaii/Coala\n     did you mean Hawaii/Cola? (--parents makes it)'
    expect(world.efs('bucket', 'create', 'Hawaii/Coala/bk1')).toEqual(failed(3, missing))
    expect(world.efs('bucket', 'create', 'Maui/Coala/bk1', '--parents')).toEqual(
      done('created cluster Maui, tenant Coala\n'),
    )
  })

  test('of a name that is there is refused', () => {
    const world = started()
    for (const [kind, name] of [
      ['cluster', 'Hawaii'],
      ['tenant', 'Hawaii/Cola'],
      ['bucket', BUCKET],
    ] as const) {
      const words = `efs: ${kind} ${name} exists already\n     efs ${kind} set ${name} changes its settings`
      expect(world.efs(kind, 'create', name)).toEqual(failed(5, words))
    }
  })

  test('with --json is one document', () => {
    const world = new World()
    const uid = expect.stringMatching(/^[0-9a-f]{32}$/)
    expect(world.json('bucket', 'create', BUCKET)).toEqual({
      kind: 'bucket',
      path: BUCKET,
      uid,
      parents: ['Hawaii', 'Hawaii/Cola'],
      segment: { guid: uid, home: world.at('home') },
    })
    expect(world.json('cluster', 'create', 'Maui')).toEqual({ kind: 'cluster', path: 'Maui', uid, parents: [] })
  })
})

test('list is one name a line in byte order, of the parent that is named, by prefix', () => {
  const world = started()
  for (const name of ['bk10', 'Z', 'é', 'a']) world.efs('bucket', 'create', `Hawaii/Cola/${name}`)
  expect(world.efs('bucket', 'list', 'Hawaii/Cola')).toEqual({ status: 0, stdout: 'Z\na\nbk1\nbk10\né\n', stderr: '' })
  expect(world.efs('bucket', 'list', 'Hawaii/Cola', '--name', 'bk').stdout).toBe('bk1\nbk10\n')
  expect(world.json('bucket', 'list', 'Hawaii/Cola', '-n', 'Z')).toEqual({ names: ['Z'] })
  expect(world.efs('tenant', 'list', 'Hawaii').stdout).toBe('Cola\n')
  expect(world.efs('cluster', 'list').stdout).toBe('Hawaii\n')
  expect(world.efs('bucket', 'list', 'Hawaii/Pepsi')).toEqual(
    failed(3, 'efs: no tenant Hawaii/Pepsi\n     there is Hawaii/Cola'),
  )
  expect(world.efs('bucket', 'list', 'Hawaii').status).toBe(2)
})

describe('settings', () => {
  test('are own, inherited or default; set changes them and - gives them back', () => {
    const world = started()
    const home = (): unknown => world.json('bucket', 'show', BUCKET)
    expect(home()).toMatchObject({
      settings: { chunkSize: { value: 65536, from: 'default' }, numberOfVersions: { value: 10, from: 'default' } },
    })
    expect(world.efs('tenant', 'set', 'Hawaii/Cola', '-n', '30', '-o', 'owner=bob,chunking=fixed')).toEqual(
      done('changed tenant Hawaii/Cola\n'),
    )
    expect(world.efs('bucket', 'set', BUCKET, '-s', '1M', '-o', 'owner=eve').stderr).toBe(`changed bucket ${BUCKET}\n`)
    const { stdout } = world.efs('bucket', 'show', BUCKET)
    const rows = stdout.split('\n')
    expect(rows.slice(rows.indexOf('chunk-size: 1048576')).slice(0, 4)).toEqual([
      'chunk-size: 1048576',
      'number-of-versions: 30 (from Hawaii/Cola)',
      'X-chunking: fixed (from Hawaii/Cola)',
      'X-owner: eve',
    ])
    expect(world.efs('bucket', 'set', BUCKET, '-s', '1M').stderr).toBe(`bucket ${BUCKET} has these settings already\n`)
    world.efs('bucket', 'set', BUCKET, '-s', '-', '-o', '-')
    expect(home()).toMatchObject({
      settings: { chunkSize: { from: 'default' }, 'X-owner': { value: 'bob', from: 'Hawaii/Cola' } },
    })
  })

  test('that mean nothing here are kept, shown, and answered on stderr', () => {
    const world = started()
    expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk2', '-r', '2', '-S', 'capacity')).toEqual(
      done(
        'created bucket Hawaii/Cola/bk2\n' +
          'replication-count is kept with the bucket, but this store keeps one copy\n' +
          'select-policy is kept with the bucket, but this store has one place to put data\n',
      ),
    )
    expect(world.efs('bucket', 'show', 'Hawaii/Cola/bk2').stdout).toContain(
      'replication-count: 2\nselect-policy: capacity\n',
    )
  })

  test('that are wrong change nothing', () => {
    const world = started()
    const encrypts =
      'efs: --encryption-enabled is refused: nothing encrypts yet\n     leave it away, and keep the home on a disk that is encrypted'
    expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk2', '-e', '1')).toEqual(failed(2, encrypts))
    const size =
      'efs: --chunk-size does not take "3000"\n     it takes a power of two from 8192 to 4194304, or 8K … 4M; did you mean 8K?'
    expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk2', '-s', '3000')).toEqual(failed(2, size))
    expect(world.efs('bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\n')
    const none = 'efs: no setting is given\n     efs bucket set --help lists them'
    expect(world.efs('bucket', 'set', BUCKET)).toEqual(failed(2, none))
    expect(world.efs('cluster', 'set', 'Hawaii', '-s', '8K').status).toBe(2)
  })
})

test('show says what a name is, and for a bucket what is in it', () => {
  const world = started()
  world.write('file', 'twelve bytes')
  world.efs('object', 'put', `${BUCKET}/a`, 'file')
  const uid = expect.stringMatching(/^[0-9a-f]{32}$/)
  const created = expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/)
  expect(world.json('tenant', 'show', 'Hawaii/Cola')).toEqual({
    kind: 'tenant',
    path: 'Hawaii/Cola',
    uid,
    created,
    settings: {},
  })
  expect(world.efs('cluster', 'show', 'Hawaii').stdout).toMatch(/^path: Hawaii\nuid: [0-9a-f]{32}\ncreated: \S+Z\n$/)
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
  expect(world.json('bucket', 'show', BUCKET)).toMatchObject({
    objects: 1,
    bytes: 12,
    folders: 0,
    versions: 1,
    deleted: 0,
    conflicts: 0,
    digest,
    digestFull: digest,
  })
  const { stdout } = world.efs('bucket', 'show', BUCKET)
  expect(stdout).toMatch(/\nobjects: 1\nbytes: 12 \(12 B\)\n/)
  expect(stdout).toMatch(/\ndigest: [0-9a-f]{64}\ndigest-full: [0-9a-f]{64}\n/)
})

test('delete stops before what is not empty, says what is in it, and deletes what is empty', () => {
  const world = started()
  world.write('file', 'x')
  world.efs('object', 'put', `${BUCKET}/a`, 'file')
  for (const [kind, name, what] of [
    ['cluster', 'Hawaii', '1 tenant'],
    ['tenant', 'Hawaii/Cola', '1 bucket'],
    ['bucket', BUCKET, '1 object'],
  ] as const) {
    const { status, stderr } = world.efs(kind, 'delete', name)
    expect(status).toBe(6)
    expect(stderr).toMatch(new RegExp(`^efs: ${kind} ${name} is not empty: ${what}\n {5}efs \\S.*\n$`))
  }
  world.efs('object', 'delete', `${BUCKET}/a`)
  const gone = 'gone with it: 2 versions of what had been deleted in it\n'
  expect(world.efs('bucket', 'delete', BUCKET)).toEqual(done(`deleted ${BUCKET}\n${gone}`))
  expect(world.json('tenant', 'delete', 'Hawaii/Cola')).toEqual({ kind: 'tenant', path: 'Hawaii/Cola', versions: 0 })
  expect(world.efs('cluster', 'delete', 'Hawaii').status).toBe(0)
  expect(world.efs('cluster', 'delete', 'Hawaii').status).toBe(3)
})

test('a command that only looks makes no segment', () => {
  const world = new World()
  for (const words of [
    'cluster list',
    'bucket show Hawaii/Cola/bk1',
    'bucket delete Hawaii/Cola/bk1',
    'cluster set Hawaii -r 2',
  ]) {
    const { status, stderr } = world.efs(...words.split(' '))
    expect({ status, stderr }, words).toEqual({
      status: 3,
      stderr: expect.stringMatching(/^efs: no segment in .*\n {5}efs .*\n$/),
    })
  }
  expect(existsSync(world.at('home'))).toBe(false)
})
