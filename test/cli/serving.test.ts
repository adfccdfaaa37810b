import { readFileSync, symlinkSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'

function started(...flags: string[]): World {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  expect(world.efs('service', 'create', 'isgw', 'hawaii', ...flags).status).toBe(0)
  return world
}

const listOf = (world: World): string => /\[\n[^\]]*\]/.exec(world.efs('service', 'show', 'hawaii').stdout)?.[0] ?? ''

test('attach and detach, serve and unserve are one thing in two spellings', () => {
  const world = started('--remote', 'ccow://127.0.0.1:9')
  const asked = 'the peer was not asked: 127.0.0.1:9 cannot be reached: nothing listens there\n'
  expect(world.efs('bucket', 'attach', BUCKET, 'hawaii', '--as', 'Hawaii-r/Cola/bk1').stderr).toBe(
    `attached ${BUCKET} to hawaii as Hawaii-r/Cola/bk1\n${asked}`,
  )
  expect(world.efs('service', 'serve', 'hawaii', `${BUCKET},as=Hawaii-r/Cola/bk1`).stderr).toBe(
    `${BUCKET} is attached to hawaii as Hawaii-r/Cola/bk1 already\n${asked}`,
  )
  expect(listOf(world)).toBe(`[\n  ${BUCKET},as=Hawaii-r/Cola/bk1\n]`)
  expect(world.efs('service', 'serve', 'hawaii', `${BUCKET},pause`).stderr).toBe(
    `attached ${BUCKET} to hawaii, paused\n${asked}`,
  )
  expect(world.efs('bucket', 'attach', `${BUCKET},paus`, 'hawaii')).toMatchObject({
    status: 2,
    stderr: 'efs: no option "paus" of a served path\n     did you mean pause?\n',
  })
  expect(world.efs('s', 'serve', 'hawaii', 'Hawaii/Cola').status).toBe(0)
  expect(listOf(world)).toBe(`[\n  ${BUCKET},pause\n  Hawaii/Cola\n]`)
  expect(world.efs('service', 'unserve', 'hawaii', `${BUCKET},pause`).stderr).toBe(`detached ${BUCKET} from hawaii\n`)
  expect(world.efs('bucket', 'detach', 'Hawaii/Cola', 'hawaii').status).toBe(0)
  expect(listOf(world)).toBe('[\n]')
  expect(world.efs('bucket', 'detach', BUCKET, 'hawaii')).toEqual({
    status: 3,
    stdout: '',
    stderr: `efs: service hawaii does not serve ${BUCKET}\n     it serves nothing\n`,
  })
  expect(world.efs('object', 'list', BUCKET).status).toBe(0)
})

test('what cannot be known yet is accepted, and said', () => {
  const world = started()
  expect(world.efs('bucket', 'attach', 'Hawaii/Cola/bk', 'hawaii').stderr).toBe(
    `attached Hawaii/Cola/bk to hawaii\nit is not here yet, which hawaii may still receive; or did you mean ${BUCKET}?\nhawaii has no X-ISGW-Remote yet\n`,
  )
  expect(world.efs('bucket', 'attach', BUCKET, 'hawaii', '--as', 'Hawaii/Cola/bk')).toMatchObject({
    status: 5,
    stderr: expect.stringContaining('efs bucket detach Hawaii/Cola/bk hawaii, or name another one with --as\n'),
  })
  expect(world.efs('bucket', 'attach', 'Maui/Cola/new', 'hawaii').stderr).toBe(
    'attached Maui/Cola/new to hawaii\nno tenant Maui/Cola is here, and hawaii makes none: efs tenant create Maui/Cola --parents\nhawaii has no X-ISGW-Remote yet\n',
  )
  world.efs('service', 'config', 'hawaii', 'X-ISGW-Direction', 'receive')
  expect(world.efs('bucket', 'attach', BUCKET, 'hawaii').stderr).toBe(`attached ${BUCKET} to hawaii\n`)
  expect(world.efs('service', 'config', 'hawaii', 'X-ISGW-Remote', 'file:///srv/mirror')).toMatchObject({ status: 5 })
})

test('a service that brings only what comes later offers nothing of what is there, and says so', () => {
  const world = started('--replication', 'continuous')
  expect(world.efs('bucket', 'attach', BUCKET, 'hawaii').stderr).toContain(
    `attached ${BUCKET} to hawaii\nwhat is there by its first start is not brought: X-ISGW-Replication is 2\n`,
  )
})

test('a service that only sends is told the nearest bucket', () => {
  const world = started('--direction', 'send')
  expect(world.efs('bucket', 'attach', 'Hawaii/Coala/bk1', 'hawaii')).toEqual({
    status: 3,
    stdout: '',
    stderr: 'efs: no tenant Hawaii/Coala\n     did you mean Hawaii/Cola?\n',
  })
  expect(world.efs('bucket', 'attach', BUCKET, 'hawai')).toEqual({
    status: 3,
    stdout: '',
    stderr: 'efs: no service hawai\n     did you mean hawaii?\n',
  })
})

test('show -s: the keys, the list, and the table of the walk-through with zeros', () => {
  const world = started()
  world.efs('bucket', 'attach', BUCKET, 'hawaii')
  world.efs('bucket', 'attach', 'Hawaii/Cola/bk2', 'hawaii', '--pause')
  const { stdout, stderr } = world.efs('service', 'show', 'hawaii', '-s')
  expect(stderr).toBe('')
  const [head = '', first = '', second = ''] = stdout.split(/(?=^Stats for )/m)
  expect(head).toBe(world.efs('service', 'show', 'hawaii').stdout)
  const atRest = first
    .replace('bk1', 'bk2')
    .replace('State                      | -     ', 'State                      | paused')
  expect(second).toBe(atRest)
  const [title, ...table] = first.split('\n')
  expect(title).toBe(`Stats for ${BUCKET}:`)
  const golden = readFileSync('test/fixtures/service-table.txt', 'utf8').trim().split('\n')
  expect(masked(table.slice(0, golden.length))).toEqual(masked(golden))
  expect(table.slice(golden.length).at(-2)).toMatch(/^ {2}Last error {17}\| - +$/)
})

/** The rows of a table without their values. The blanks that the walk-through lost around its table do not count. */
const masked = ([head = '', rule = '', ...rows]: readonly string[]): string[] => [
  head.trim(),
  rule,
  ...rows.map((row) => row.replace(/\|.*/, '| #')),
]

test('show -s --json is one document, with numbers that have names', () => {
  const world = started()
  world.efs('bucket', 'attach', BUCKET, 'hawaii', '--as', 'Hawaii-r/Cola/bk1')
  expect(world.json('service', 'show', 'hawaii')).toEqual({
    name: 'hawaii',
    type: 'isgw',
    keys: expect.objectContaining({ 'X-Status': 'disabled', 'X-ISGW-Number-Of-Connections': '2' }),
    buckets: [{ path: BUCKET, as: 'Hawaii-r/Cola/bk1', pause: false }],
  })
  expect(world.json('service', 'show', 'hawaii', '-s')).toMatchObject({
    buckets: [
      {
        path: BUCKET,
        timestamp: null,
        requests: 0,
        behind: { objects: 0, bytes: 0, oldestMs: null },
        lastSuccess: null,
        lastError: null,
      },
    ],
  })
})

test('the documented recipe of two sites, typed as it stands', () => {
  const world = new World()
  symlinkSync(world.program, world.at('efscli'))
  for (const [site, peer] of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    const efscli = (words: string) =>
      world.run('env', `EFS_HOME=${world.at(site ?? '')}`, process.execPath, world.at('efscli'), ...words.split(' '))
    for (const words of [
      'system init',
      'cluster create Hawaii',
      `tenant create Hawaii/Cola -r ${site === 'a' ? 3 : 2}`,
      ...(site === 'a' ? ['bucket create Hawaii/Cola/bk1'] : []),
      'service create isgw isgw01',
      'service serve isgw01 Hawaii/Cola/bk1',
      `service config isgw01 X-ISGW-Remote ccow://${peer}.example:14000`,
      'service config isgw01 X-ISGW-Local 0.0.0.0:14000',
      'service config isgw01 X-Status enabled',
    ])
      expect(efscli(words), words).toMatchObject({ status: 0, stdout: '' })
    const { stdout } = efscli('service show isgw01 -s')
    expect(stdout).toContain(`X-ISGW-Remote: ccow://${peer}.example:14000\n`)
    expect(stdout).toContain('[\n  Hawaii/Cola/bk1\n]\n')
    expect(stdout).toContain('X-Status: enabled\n')
    expect(stdout).toContain('Stats for Hawaii/Cola/bk1:\n')
  }
})

test('nor is a bucket of a tenant that a service still serves', () => {
  const world = started()
  const tenant = BUCKET.slice(0, BUCKET.lastIndexOf('/'))
  expect(world.efs('bucket', 'attach', tenant, 'hawaii').status).toBe(0)
  expect(world.efs('bucket', 'delete', BUCKET)).toEqual({
    status: 6,
    stdout: '',
    stderr: `efs: service hawaii still serves ${tenant}, and so ${BUCKET}\n     efs bucket detach ${tenant} hawaii\n`,
  })
})

test('what a service still serves is not deleted', () => {
  const world = started()
  expect(world.efs('bucket', 'attach', BUCKET, 'hawaii').status).toBe(0)
  expect(world.efs('bucket', 'delete', BUCKET)).toEqual({
    status: 6,
    stdout: '',
    stderr: `efs: service hawaii still serves ${BUCKET}\n     efs bucket detach ${BUCKET} hawaii\n`,
  })
  expect(world.efs('bucket', 'detach', BUCKET, 'hawaii').status).toBe(0)
  expect(world.efs('bucket', 'delete', BUCKET).status).toBe(0)
})
