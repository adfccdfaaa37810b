import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'
const LONG = `${'long-'.repeat(30)}end.txt`
const ESCAPE = '\u001B'

test('a terminal gets what it can show, a pipe and a file all and nothing else', () => {
  const world = new World()
  world.write(`tree/${LONG}`, 'a')
  world.efs('bucket', 'create', BUCKET)
  world.efs('sync', './tree', BUCKET)
  const efs = `${process.execPath} ${world.program}`
  /** What a terminal of that width is sent; 0: one that tells no width. */
  const sent = (env: string, command: string, columns = 60): string =>
    world
      .run('script', '-qec', `stty cols ${columns}; ${env} ${efs} ${command}`, '/dev/null')
      .stdout.replaceAll('\r', '')

  // Tables are as wide as it is.
  const list = `object list ${BUCKET} --long`
  const tables = `${sent('', list)}${sent('', 'run list')}`
  expect(tables.split('\n').filter((line) => [...stripVTControlCharacters(line)].length > 60)).toEqual([])
  expect(tables).toMatch(/ long-\S*…\S*end\.txt\n/)
  expect(sent('', `${list} | cat`)).toContain(` ${LONG}\n`)

  // Progress is drawn where it can be taken back, and colours where they are wanted.
  const sync = `sync ./tree ${BUCKET} --checksum`
  const drawn = sent('TERM=xterm NO_COLOR=1', sync)
  expect(drawn).toContain(`${ESCAPE}[?25l`)
  expect(drawn).not.toContain(`${ESCAPE}[3`)
  expect(sent('TERM=dumb', sync)).toMatch(/^✔ nothing changed: .*\n$/)
  expect(sent('TERM=xterm', sync, 0)).toMatch(/^\S{5}✔\S{5} nothing changed: .*\n$/)

  // Another locale gets ASCII. That stderr is a terminal makes no file coloured. Who has seen enough of a pipe ends it quietly.
  expect(sent('LANG=C TERM=dumb', `verify ./tree ${BUCKET}`)).toMatch(/^ok equal: [ -~]*\.\.\.\n$/)
  expect(sent('TERM=xterm', 'doctor > told; cat told')).not.toContain(ESCAPE)
  const first = world.run('bash', '-c', `set -o pipefail; ${efs} completion bash | head -c 9`)
  expect(first).toEqual({ status: 0, stdout: '# Complet', stderr: '' })
})
