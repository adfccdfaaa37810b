import { once } from 'node:events'
import { symlinkSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { World } from '../e2e/world.js'

describe('what is not understood is one line, one hint, and exit 2, for people and for programs', () => {
  const GLOBAL =
    'before a command only --home, --json, --quiet, --verbose, --no-color may stand; those of its own come behind it'
  const rows: readonly [words: string, message: string, hint: string][] = [
    ['buket list', "no command 'efs buket'", "did you mean 'efs bucket list'?"],
    ['bucket lst Hawaii/Cola', "no command 'efs bucket lst'", "did you mean 'efs bucket list'?"],
    ['bucket', "'efs bucket' needs a verb", 'it has attach, create, delete, detach, list, set, show'],
    ['xyzzy', "no command 'efs xyzzy'", "'efs --help' lists all"],
    ['help bucket xyzzy', "no command 'efs bucket xyzzy'", 'it has attach, create, delete, detach, list, set, show'],
    ['-q sync a b', '-q is no global flag', GLOBAL],
    ['-v', '-v is no global flag', GLOBAL],
    ['-- cluster list', '-- is no global flag', GLOBAL],
    ['cluster -- list', '-- is no global flag', GLOBAL],
    ['--password=secret sync a b', '--password is no global flag', GLOBAL],
    ['--quite bucket list Hawaii/Cola', '--quite is no global flag', 'did you mean --quiet?'],
    ['bucket -q list Hawaii/Cola', '-q is no global flag', GLOBAL],
    ['--delete=yes', '--delete is no global flag', GLOBAL],
    ['user list', "no command 'efs user'", "'efs --help' lists all"],
    ['create bucket Hawaii/Cola/bk1', "no command 'efs create'", "did you mean 'efs bucket create'?"],
    ['sync ./a Hawaii/Cola/bk1 --delete=true', 'flag --delete takes no value', 'write --delete alone'],
    ['cluster list --quiet=false', 'flag --quiet takes no value', 'write --quiet alone'],
    ['sync', 'missing 2 required args: src, dst', 'add --help to see how it is used'],
    ['bucket create', 'missing 1 required arg: name (CLUSTER/TENANT/BUCKET)', 'add --help to see how it is used'],
    ['bucket create Hawaii/Cola/bk1 bk2', 'unexpected argument: bk2', 'add --help to see how it is used'],
    ['bucket create Hawaii/Cola/bk1 --chunk-sise 8K', 'nonexistent flag: --chunk-sise', 'did you mean --chunk-size?'],
    ['bucket create Hawaii/Cola/bk1 -z', 'nonexistent flag: -z', 'add --help to see how it is used'],
    [
      'bucket create Hawaii/Cola/bk1 --chunk-size',
      'flag --chunk-size expects a value',
      'add --help to see how it is used',
    ],
    [
      'bucket create Hawaii/Cola',
      'not the name of a bucket: "Hawaii/Cola"',
      'write CLUSTER/TENANT/BUCKET, as in Hawaii/Cola/bk1',
    ],
    [
      'sync ./a Hawaii/Cola/bk1 --min-age soon',
      '--min-age: not a time: soon',
      'write 2026-01-31T12:00Z, @SECONDS since 1970, or an age such as 15m, 2h, 3d',
    ],
    [
      'sync ./a Hawaii/Cola/bk1 --min-size 2M --max-size 1M',
      'no file is between --min-size and --max-size',
      'give the smaller one as --min-size',
    ],
    ['run undo x', 'run x: not a whole number of at least 1', 'efs run list shows those that are kept'],
    ['cluster create a/b', 'not the name of a cluster: "a/b"', 'write CLUSTER, as in Hawaii'],
  ]
  for (const [words, message, hint] of rows) {
    test(`efs ${words}`, () => {
      const world = new World()
      expect(world.efs(...words.split(' '))).toEqual({
        status: 2,
        stdout: '',
        stderr: `efs: ${message}\n     ${hint}\n`,
      })
      const { status, stdout, stderr } = world.efs('--json', ...words.split(' '))
      expect({ status, stderr }).toEqual({ status: 2, stderr: '' })
      expect(JSON.parse(stdout)).toEqual({ error: { code: 'USAGE', message, hint, exit: 2 } })
      expect(stdout.split('\n')).toHaveLength(2)
    })
  }
})

test.each([
  ["no command 'efs bu\\u001b[31mcket'", 'bu\u001b[31mcket'],
  ["no command 'efs bucket l\\u009bist'", 'bucket', 'l\u009bist'],
  ["no command 'efs bu\\u000acket'", '--help', 'bu\ncket'],
  ['unexpected argument: \\u202ex', 'doctor', '\u202ex'],
  ['not an address: \\u007f (a bucket has three parts, Hawaii/Cola/bk1)', 'sync', '\u007f', './a'],
])('%s: what was typed is shown, and does nothing to the terminal', (message, ...words) => {
  const { status, stderr } = new World().efs(...words)
  expect([status, stderr.split('\n', 1)]).toEqual([2, [`efs: ${message}`]])
})

test('global flags may stand before the topic, and one-letter topics are spelled out', () => {
  const world = new World()
  expect(world.efs('--quiet', '--home', 'h', 'b', 'create', 'Hawaii/Cola/bk1')).toEqual({
    status: 0,
    stdout: '',
    stderr: '',
  })
  expect(world.efs('--home=h', 't', 'list', 'Hawaii').stdout).toBe('Cola\n')
  expect(world.efs('t', '--home', 'h', 'list', 'Hawaii').stdout).toBe('Cola\n')
  expect(world.efs('c', 'list', '--home', 'h', '--json').stdout).toBe('{"names":["Hawaii"]}\n')
  expect(world.efs('--json', '--home', 'h', 'o', 'list', 'Hawaii/Cola/bk1').status).toBe(0)
  expect(world.efs('s', 'list', '--home', 'h')).toEqual({ status: 0, stdout: '', stderr: '' })
  expect(world.efs('u', 'list').stderr).toMatch(/^efs: no command 'efs user'\n/)
  expect(world.efs('--json').stdout).toContain('"message":"no command given"')
})

test('efscli is the same program', () => {
  const world = new World()
  symlinkSync(world.program, world.at('efscli'))
  const version = world.run(process.execPath, world.at('efscli'), '--version')
  expect(version).toEqual({ status: 0, stdout: expect.stringMatching(/^efs\/\d+\.\d+\.\d+ \S+ node-v\d/), stderr: '' })
  expect(world.run(process.execPath, world.at('efscli'), 'bucket', 'create', 'Hawaii/Cola/bk1').status).toBe(0)
  expect(world.efs('bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\n')
})

describe('help', () => {
  for (const words of ['--help', 'help', 'help help', '', '--quiet --help']) {
    test(`efs ${words} lists topics and commands`, () => {
      const { status, stdout, stderr } = new World().efs(...words.split(' ').filter(Boolean))
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      for (const topic of ['bucket', 'cluster', 'object', 'service', 'system', 'tenant', 'sync', 'verify'])
        expect(stdout).toMatch(new RegExp(`^  ${topic} +\\S`, 'm'))
    })
  }

  test('of a topic and of a verb', () => {
    const world = new World()
    expect(world.efs('bucket', '--help').stdout).toMatch(/bucket create +make a bucket/)
    const verb = world.efs('help', 'b', 'create').stdout
    expect(verb).toContain('--chunk-size')
    expect(world.efs('bucket', 'create', '--help').stdout).toBe(verb)
    expect(world.efs('bucket', 'create', 'Hawaii/Cola/bk1', '--help').stdout).toBe(verb)
  })
})

describe('a failure', () => {
  test('shows no stack, unless --verbose asks where it came from', () => {
    const world = new World()
    const plain = world.efs('cluster', 'list')
    expect(plain.stderr).not.toMatch(/\n {4}at |node:internal/)
    const told = world.efs('cluster', 'list', '--verbose')
    expect(told.status).toBe(3)
    expect(told.stderr.startsWith(plain.stderr)).toBe(true)
    expect(told.stderr).toMatch(/\n {4}at /)
  })

  test('is written under --quiet too, and has its exit status with --json', () => {
    const world = new World()
    expect(world.efs('cluster', 'list', '--quiet').stderr).toMatch(/^efs: no segment in /)
    const { status, stdout, stderr } = world.efs('cluster', 'list', '--json')
    expect({ status, stderr }).toEqual({ status: 3, stderr: '' })
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'NOT_FOUND', message: expect.stringMatching(/^no segment/), hint: expect.any(String), exit: 3 },
    })
  })

  test('is the same where a developer has set NODE_ENV', () => {
    const world = new World()
    for (const mode of ['development', 'test', 'production']) {
      const { status, stderr } = world.run(
        'env',
        `NODE_ENV=${mode}`,
        process.execPath,
        world.program,
        'bucket',
        'create',
      )
      expect({ status, stderr }, mode).toEqual({
        status: 2,
        stderr: expect.stringMatching(/^efs: missing 1 .*\n {5}add --help .*\n$/),
      })
    }
  })
})

describe('a reader that closes the pipe ends the program quietly with 0', () => {
  for (const words of [
    '--help',
    'bucket list Hawaii/Cola',
    'bucket show Hawaii/Cola/bk1 --json',
    'bucket show Hawaii --json',
  ]) {
    test(`efs ${words}`, async () => {
      const world = new World()
      world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
      const child = world.start(...words.split(' '))
      let talk = ''
      child.stderr?.on('data', (bytes) => {
        talk += String(bytes)
      })
      child.stdout?.destroy()
      const [status] = await once(child, 'close')
      expect({ status, talk }).toEqual({ status: 0, talk: '' })
    })
  }

  test('but not one that changes something, or answers by its status: that goes on', () => {
    const world = new World()
    world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
    for (let i = 0; i < 2000; i++) world.write(`tree/${'long'.repeat(20)}/${i}`, `${i}`)
    const unheard = (...words: string[]): number | null => {
      const line = `"$@" 2>/dev/null | head -n 1 >/dev/null; exit \${PIPESTATUS[0]}`
      return world.run('bash', '-c', line, 'bash', process.execPath, world.program, ...words).status
    }
    expect(unheard('verify', './tree', 'Hawaii/Cola/bk1')).toBe(1)
    expect(unheard('sync', './tree', 'Hawaii/Cola/bk1', '--json')).toBe(0)
    expect(world.efs('verify', './tree', 'Hawaii/Cola/bk1').status).toBe(0)
  })

  test('and talk for which the disk has no room changes nothing', () => {
    const world = new World()
    for (const [words, status] of [
      ['bucket create Hawaii/Cola/bk1', 0],
      ['bucket create Hawaii/Cola/bk1', 5],
      ['nope', 2],
    ] as const) {
      const line = ['exec "$@" 2>/dev/full', 'sh', process.execPath, world.program, ...words.split(' ')]
      expect(world.run('sh', '-c', ...line).status, words).toBe(status)
    }
    expect(world.efs('bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\n')
  })

  test('and talk that nobody hears changes nothing', async () => {
    const world = new World()
    const child = world.start('bucket', 'create', 'Hawaii/Cola/bk1')
    child.stderr?.destroy()
    const [status] = await once(child, 'close')
    expect(status).toBe(0)
    expect(world.efs('bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\n')
  })
})

describe('data for which the disk has no room is told in words', () => {
  for (const words of ['--version', '--help', 'bucket list Hawaii/Cola', 'bucket show Hawaii/Cola/bk1 --json']) {
    test(`efs ${words}`, () => {
      const world = new World()
      world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
      const line = ['exec "$@" >/dev/full', 'sh', process.execPath, world.program, ...words.split(' ')]
      const { status, stderr } = world.run('sh', '-c', ...line)
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'efs: cannot write the output: no space left on device\n     make room and run again\n',
      })
    })
  }
})

test('nothing is coloured where nobody looks', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const colour = String.fromCharCode(27)
  for (const words of ['system check', '--help', 'bucket create', 'bucket show Hawaii/Cola/bk1']) {
    const { stdout, stderr } = world.efs(...words.split(' '))
    expect(stdout + stderr, words).not.toContain(colour)
  }
})
