import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type Ended, World } from '../e2e/world.js'

const KEY = 'X-ISGW-Basic-Auth'

/** A world with the service `hawaii`. */
function started(): World {
  const world = new World()
  world.efs('system', 'init')
  expect(world.efs('service', 'create', 'isgw', 'hawaii').status).toBe(0)
  return world
}

const done = (stderr: string): Ended => ({ status: 0, stdout: '', stderr })

const give = (world: World, text: string) => world.efsReading(text, 'service', 'config', 'hawaii', KEY, '-')
const kept = (world: World): string => readFileSync(world.at('config/efs/credentials.json'), 'utf8')

test('a secret is read from stdin, kept where only its owner can read it, and never shown', () => {
  const world = started()
  expect(give(world, 'test123:test123\n')).toEqual(done(`${KEY} of hawaii is ********\n`))
  expect(give(world, 'test123:test123')).toEqual(done(`${KEY} of hawaii is ******** already\n`))
  expect(kept(world)).toContain('"hawaii": "test123:test123"')
  expect(statSync(world.at('config/efs/credentials.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(world.at('home/services/hawaii.json'), 'utf8')).not.toContain('test123')
  for (const words of ['service show hawaii', 'service show hawaii --json', `service config hawaii ${KEY}`]) {
    const { stdout, stderr } = world.efs(...words.split(' '))
    expect(stdout).toContain('********')
    expect(stdout + stderr).not.toContain('test123')
  }
  expect(give(world, 'other:1').stderr).toBe(`${KEY} of hawaii is ********\n`)
})

test('a secret on the command line is refused without repeating it, in words and as JSON', () => {
  const world = started()
  const words = ['service', 'config', 'hawaii', KEY, 'test123:test123', '--verbose']
  expect(world.efs(...words.slice(0, -1)).stderr).toBe(
    `efs: ${KEY} is a secret: on a command line others could read it\n` +
      `     type: efs service config hawaii ${KEY} -   (asks for it, or reads it from a pipe)\n`,
  )
  const all = [world.efs(...words), world.efs(...words, '--json')]
  for (const { status, stdout, stderr } of all) {
    expect(status).toBe(2)
    expect(stdout + stderr).not.toContain('test123')
  }
})

test.each([
  ['no bus', {}],
  ['a bus that does not answer', { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }],
])('where no keyring answers (%s) the file serves, and only who writes to it is told', (_, env) => {
  const world = new World({ EFS_KEYRING: '', ...env })
  world.efs('system', 'init')
  world.efs('service', 'create', 'isgw', 'hawaii')
  const file = world.at('config/efs/credentials.json')
  expect(give(world, 'test123:test123')).toEqual(
    done(
      `no keyring answers here: the secret is kept in ${file}, which only its owner can read\n${KEY} of hawaii is ********\n`,
    ),
  )
  expect(world.efs('service', 'show', 'hawaii').stderr).toBe('')
  expect(kept(world)).toContain('"hawaii": "test123:test123"')
})

test('a secret of two lines is its first; one that no line can be is refused', () => {
  const world = started()
  give(world, 'a:b\nsecond line\n')
  expect(kept(world)).toContain('"a:b"')
  for (const text of ['a\tb', 'x'.repeat(1025), 'x'.repeat(1_000_000)]) expect(give(world, text).status).toBe(2)
  expect(kept(world)).toContain('"a:b"')
})

test('a secret goes with an empty line, with an empty value, and with its service', () => {
  const world = started()
  for (const end of [
    () => give(world, '\n'),
    () => world.efs('service', 'config', 'hawaii', KEY, ''),
    () => world.efs('service', 'delete', 'hawaii'),
  ]) {
    give(world, 'test123:test123')
    expect(end().status).toBe(0)
    expect(kept(world)).not.toContain('test123')
  }
  expect(world.efs('service', 'list').stdout).toBe('')
})

test('a secret is asked for without echo on a terminal', () => {
  const world = started()
  const typed = `{ sleep 2; printf 'test123:test123\\r'; sleep 2; } | script -qec "$0 $1 service config hawaii ${KEY} -" /dev/null`
  const { stdout } = world.run('bash', '-c', typed, process.execPath, world.program)
  expect(stdout).toContain(`${KEY}: `)
  expect(stdout).toContain(`${KEY} of hawaii is ********`)
  expect(kept(world)).toContain('"test123:test123"')
})

test('a secret that is not on this machine is asked for: in a copy that became a segment of its own', () => {
  const world = started()
  give(world, 'test123:test123')
  cpSync(world.at('home'), world.at('copy'), { recursive: true })
  const copy = (...words: string[]) => world.efs('--home', world.at('copy'), ...words)
  copy('system', 'adopt', '--copied')
  const { stdout, stderr } = copy('service', 'show', 'hawaii')
  expect(stdout).toContain(`${KEY}: ********\n`)
  expect(stderr).toBe(`the secret of hawaii is not on this machine: efs service config hawaii ${KEY} -\n`)
  expect(world.efs('service', 'show', 'hawaii').stderr).toBe('')
  expect(copy('system', 'check', '--read-data').status).toBe(0)
})

test('a file of secrets that is damaged or of a newer efs is said to be so, without its text', () => {
  const world = started()
  give(world, 'test123:test123')
  for (const [text, status] of [
    ['{"secret":"test123', 9],
    ['{"format":1,"secrets":{"test123":1}}', 9],
    ['{"format":2}', 1],
  ] as const) {
    world.write('config/efs/credentials.json', text)
    const ended = give(world, 'new:one')
    expect(ended).toMatchObject({ status, stdout: '' })
    expect(ended.stderr).not.toContain('test123')
    expect(kept(world)).toBe(text)
  }
})

test('several processes keep secrets at once, and nothing is lost', () => {
  const world = started()
  const script = [
    'for name in a b c; do "$0" "$1" service create isgw $name || exit; done',
    `for name in a b c; do echo secret-$name | "$0" "$1" service config $name ${KEY} - & done`,
    'for each in 1 2 3; do wait -n || exit; done',
  ].join('\n')
  expect(world.run('bash', '-c', script, process.execPath, world.program).status).toBe(0)
  const kept = readFileSync(world.at('config/efs/credentials.json'), 'utf8')
  for (const name of ['a', 'b', 'c']) expect(kept).toContain(`"${name}": "secret-${name}"`)
  expect(readdirSync(world.at('config/efs'))).toEqual(['credentials.json'])
})

test('a lock on the secrets that was left behind is named', () => {
  const world = started()
  world.write('config/efs/credentials.json.lock', '')
  const { status, stderr } = world.efsReading('a:b', 'service', 'config', 'hawaii', KEY, '-')
  expect({ status, stderr }).toEqual({
    status: 5,
    stderr: `efs: another process holds ${world.at('config/efs/credentials.json.lock')}\n     run it again; if no efs runs, delete that file\n`,
  })
  expect(world.efs('service', 'config', 'hawaii', KEY).stdout).toBe('-\n')
})
