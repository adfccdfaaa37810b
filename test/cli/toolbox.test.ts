import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'
import { Terminal } from './terminal.js'

const CTRL_C = '\u0003'
const CTRL_D = '\u0004'
const UP = '\u001b[A'

const historyOf = (world: World): string => readFileSync(world.at('.local/state/efs/toolbox-history'), 'utf8')

test('a session: banner, prompt with the segment, completion, exit codes, history in the next one', async () => {
  const world = new World()
  const first = new Terminal(world, 'toolbox')
  expect(await first.sees('efs (no segment)> ')).toContain('Welcome to the efs Toolbox.\r\nHint: ')
  first.type('efs bucket create Hawaii/Cola/bk1 # the first\r')
  const [, segment = ''] = /created segment (\S+) in/.exec(await first.sees('Cola\r\n')) ?? []
  await first.sees(`efs ${segment}> `)
  for (const [keys, end] of [
    ['buck', 'et '],
    ['li', 'st '],
    ['Haw', 'aii/'],
    ['C', 'ola '],
  ] as const) {
    first.type(keys)
    await first.sees(keys)
    first.type('\t')
    await first.sees(end)
  }
  first.type('\r')
  await first.sees('bk1\r\n')
  await first.sees(`efs ${segment}> `)
  first.type('cluster show Maui\r')
  await first.sees(`efs ${segment} (3)> `)
  first.type(`cluster lis${CTRL_C}`)
  await first.sees(`^C\r\n`)
  first.type('cluster list\r')
  await first.sees('Hawaii\r\n')
  first.type('exit\r')
  expect(await first.status()).toBe(0)

  const second = new Terminal(world, '--json', 'toolbox', '--quiet')
  expect(await second.sees(`efs ${segment}> `)).not.toContain('Welcome')
  second.type(`${UP}\r`)
  expect(await second.sees('{"names":["Hawaii"]}\r\n')).toContain('cluster list')
  await second.sees(`efs ${segment}> `)
  second.type(CTRL_D)
  expect(await second.status()).toBe(0)
  expect(historyOf(world)).toBe(
    'efs bucket create Hawaii/Cola/bk1 # the first\nbucket list Hawaii/Cola\ncluster show Maui\ncluster list\n',
  )
})

test('Ctrl-C is for the command that runs, and the toolbox goes on; what is pasted behind a question answers it', async () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const terminal = new Terminal(world, 'toolbox')
  await terminal.sees('> ')
  terminal.type('gateway logs -f\r')
  await terminal.sees('no gateway has run here yet')
  terminal.type(CTRL_C)
  await terminal.sees(' (130)> ')
  terminal.type('gateway run\r')
  await terminal.sees('started for segment')
  terminal.type(CTRL_C)
  await terminal.sees('gateway stopped')
  await terminal.sees('> ')
  terminal.type('credential set s3://photos\rKEY:SECRET\rcredential list\rtoolbox\r')
  expect(await terminal.sees('file    s3://photos\r\n')).not.toContain('SECRET\r')
  await terminal.sees('efs: this is the toolbox already\r\n')
  // Longer than what a gateway that runs alone leaves behind may last.
  await new Promise((resolve) => setTimeout(resolve, 500))
  terminal.type('cluster list\r')
  await terminal.sees('Hawaii\r\n')
  terminal.type('quit\r')
  expect(await terminal.status()).toBe(0)
  expect(historyOf(world)).not.toContain('SECRET')
})

test('a script runs up to the first command that fails, with the flags of all where it has not its own', () => {
  const world = new World()
  const script = [
    '# names',
    '',
    'bucket create Hawaii/Cola/bk1',
    'efs --home other bucket create Maui/Cola/bk2',
    'tenant list Hawaii',
    'cluster list --home=other --json\r',
    'help bucket list',
    'cluster show Nowhere',
    'cluster create Never',
  ].join('\n')
  const { status, stdout, stderr } = world.efsReading(script, '--home', 'one', 'toolbox')
  expect(status).toBe(3)
  expect(stdout).toMatch(/^Cola\n\{"names":\["Maui"\]\}\nlist /)
  expect(stderr).toMatch(/^created .* in .*one, .*\ncreated .* in .*other, /)
  expect(stderr).toMatch(/\nefs: line 8 ended with 3, and what follows it was not run\n$/)
  expect(world.efs('--home', 'one', 'cluster', 'list').stdout).toBe('Hawaii\n')
})

test('stdin has the commands, up to exit, and nothing else is read from it', () => {
  const world = new World()
  for (const line of ['object put Hawaii/Cola/bk1/key -', 'credential set s3://photos']) {
    const { status, stdout } = world.efsReading(`${line}\nkey:secret\n`, 'toolbox', '--json')
    expect(status, line).toBe(2)
    expect(JSON.parse(stdout).error.message, line).toContain('the toolbox reads its commands from stdin')
  }
  const left = world.efsReading('efs --version\nconfig get jobs\nexit\nnonsense\n', '--home', 'h', 'toolbox')
  expect(left).toEqual({ status: 0, stdout: `${world.efs('--version').stdout}8\n`, stderr: '' })
})
