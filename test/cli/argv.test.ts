import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandOf, normalised } from '../../src/cli/argv.js'
import { COMMANDS } from '../../src/cli/command-files.js'
import { screenFor } from '../../src/cli/screen/screen.js'

for (const [typed, meant] of [
  ['bucket list Hawaii/Cola', 'bucket list Hawaii/Cola'],
  ['--home /h bucket list Hawaii/Cola', 'bucket list Hawaii/Cola --home /h'],
  ['--home=/h --json b list Hawaii/Cola', 'bucket list Hawaii/Cola --home=/h --json'],
  ['--json --home /h -- x', '--json --home /h -- x'],
  ['--json o put P -- -f', 'object put P --json -- -f'],
  ['c list', 'cluster list'],
  ['t list', 'tenant list'],
  ['s list', 'service list'],
  ['u list', 'user list'],
  ['bucket list b', 'bucket list b'],
  ['b --json list b', 'bucket list b --json'],
  ['bucket --home /h list b --quiet', 'bucket list b --quiet --home /h'],
  ['--json bucket --home=/h list -- --quiet', 'bucket list --json --home=/h -- --quiet'],
  ['bucket -x list --json', 'bucket -x list --json'],
  ['--json', '--json'],
  ['--home', '--home'],
  ['', ''],
] as const) {
  test(`'${typed}' means '${meant}'`, () => {
    expect(normalised(typed.split(' ').filter(Boolean)).join(' ')).toBe(meant)
  })
}

test('the longest run of words that names a command is the command', () => {
  const ids = new Set(['sync', 'object:list', 'object'])
  expect(commandOf(['object', 'list', 'a'], ids)).toEqual({ id: 'object:list', rest: ['a'] })
  expect(commandOf(['object', 'a'], ids)).toEqual({ id: 'object', rest: ['a'] })
  expect(commandOf(['sync', 'object', 'list'], ids)).toEqual({ id: 'sync', rest: ['object', 'list'] })
  expect(commandOf(['list', 'object'], ids)).toBeUndefined()
})

test('a command is found by its file: those of the manifest, and nothing else that a word could name', () => {
  const { commands } = JSON.parse(readFileSync('oclif.manifest.json', 'utf8'))
  expect(Object.keys(commands).filter((id) => !COMMANDS.has(id))).toEqual([])
  const others = ['', '..', ':', 'bucket', 'bucket:', 'Bucket:list', 'bucket/list', '../lib/run', 'bucket:..:sync']
  expect(others.filter((id) => COMMANDS.has(id))).toEqual([])
})

const utf8 = { LANG: 'en_US.UTF-8', TERM: 'xterm' }
for (const [what, env, tty, noColor, expected] of [
  ['a terminal', utf8, true, false, { yes: '\u001B[32m✔\u001B[39m', no: '\u001B[31m✖\u001B[39m', live: true }],
  ['a pipe', utf8, false, false, { yes: '✔', no: '✖', live: false }],
  ['NO_COLOR', { ...utf8, NO_COLOR: '1' }, true, false, { yes: '✔', no: '✖', live: true }],
  ['an empty NO_COLOR', { ...utf8, NO_COLOR: '' }, true, false, { live: true, yes: expect.stringContaining('[32m') }],
  ['--no-color', utf8, true, true, { yes: '✔', no: '✖', live: true }],
  ['a dumb terminal', { ...utf8, TERM: 'dumb' }, true, false, { yes: '✔', no: '✖', live: false }],
  [
    'a dumb terminal with FORCE_COLOR',
    { ...utf8, TERM: 'dumb', FORCE_COLOR: '1' },
    true,
    false,
    { live: false, yes: expect.stringContaining('[32m') },
  ],
  ['a pipe with FORCE_COLOR', { ...utf8, FORCE_COLOR: '' }, false, false, { yes: expect.stringContaining('[32m') }],
  ['FORCE_COLOR=0', { ...utf8, FORCE_COLOR: '0' }, true, false, { yes: '✔', live: true }],
  ['NO_COLOR over FORCE_COLOR', { ...utf8, FORCE_COLOR: '1', NO_COLOR: '1' }, true, false, { yes: '✔' }],
  ['a terminal in CI', { ...utf8, CI: 'true' }, true, false, { live: false, yes: expect.stringContaining('[32m') }],
  ['another locale', { LANG: 'C' }, false, false, { yes: 'ok', no: 'x', live: false }],
  ['LC_ALL over LANG', { LANG: 'C', LC_ALL: 'C.UTF-8' }, false, false, { yes: '✔', no: '✖', live: false }],
] as const) {
  test(`what is shown on ${what}`, async () => {
    expect(await screenFor(env, { isTTY: tty, columns: 80 }, noColor)).toMatchObject(expected)
  })
}
