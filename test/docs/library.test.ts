import { mkdirSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'
import { blocksFor } from './run-by.js'

const [KEEPS = '', SENDS = ''] = blocksFor('test/docs/library.test.ts', 'docs/library.md').map(({ lines }) =>
  lines.join('\n'),
)

/** A project of its own that has efs among its packages. */
function project(): World {
  const world = new World()
  mkdirSync(world.at('node_modules'))
  symlinkSync(path.resolve('.'), world.at('node_modules', 'efs'))
  symlinkSync(path.resolve('node_modules/@types'), world.at('node_modules', '@types'))
  world.write('keeps.mjs', KEEPS)
  world.write('sends.mjs', SENDS)
  world.write('photos/notes.txt', 'from Hawaii')
  world.write('photos/2019/a.raw', 'raw')
  return world
}

const run = (world: World, program: string, ...args: string[]) =>
  world.run(process.execPath, world.at(program), ...args)

test('the first program keeps a folder in a bucket, proves it and reads it back, the first time and again', () => {
  const world = project()
  const holds = '0 differences among 2 objects\n2019/a.raw  3 B\nnotes.txt  11 B\nfrom Hawaii'
  for (const count of ['2 of 2 objects are new, 0 were left out', '0 of 2 objects are new, 0 were left out']) {
    const ended = run(world, 'keeps.mjs', world.at('home'), world.at('photos'))
    expect(ended).toEqual({ status: 0, stdout: `${count}\n${holds}`, stderr: '' })
  }
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk1/2019/a.raw', '-').stdout).toBe('raw')
})

test('the second program brings what a service serves to its peer, and says in words what fails', () => {
  const world = project()
  run(world, 'keeps.mjs', world.at('home'), world.at('photos'))
  mkdirSync(world.at('copy'))
  for (const line of [
    `service create isgw out --remote file://${world.at('copy')} --direction send`,
    'bucket attach Hawaii/Cola/bk1 out',
  ])
    expect(world.efs(...line.split(' ')).status).toBe(0)
  const sent = run(world, 'sends.mjs', world.at('home'), 'out')
  expect(sent.stdout).toMatch(/^Hawaii\/Cola\/bk1 to \/.*\/copy: \d+ applied, 0 left out\nok: \n$/)
  expect(sent.status).toBe(0)
  expect(world.run('diff', '-r', world.at('photos'), world.at('copy')).status).toBe(0)

  const failed = run(world, 'sends.mjs', world.at('home'), 'nobody')
  expect(failed.stdout).toContain('NOT_FOUND: no service nobody')
  expect(failed.status).toBe(3)
})

test('both programs are right by the types that the package has', () => {
  const world = project()
  for (const [name, program] of Object.entries({ keeps: KEEPS, sends: SENDS })) world.write(`${name}.mts`, program)
  const tsc = path.resolve('node_modules/typescript/bin/tsc')
  const flags = ['--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext', '--types', 'node']
  const checked = world.run(process.execPath, tsc, ...flags, world.at('keeps.mts'), world.at('sends.mts'))
  expect(checked).toMatchObject({ status: 0, stdout: '' })
})
