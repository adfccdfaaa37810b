import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { catalogue } from '../../src/cli/complete.js'
import { ends } from '../../src/cli/toolbox/completion.js'
import { History, historyFile, mayKeep } from '../../src/cli/toolbox/history.js'
import { linesOf } from '../../src/cli/toolbox/script.js'
import { commandWords, lineOf, quotedRest } from '../../src/cli/toolbox/words.js'
import { folder, makeHome } from '../store/homes.js'

const HOME = '/home/u'

test('words of a line', () => {
  const rows: [line: string, words: string[]][] = [
    ['', []],
    ['   ', []],
    ['# a comment', []],
    ['bucket list Hawaii/Cola # a comment', ['bucket', 'list', 'Hawaii/Cola']],
    ['efs bucket list', ['bucket', 'list']],
    ['efscli  b   list', ['b', 'list']],
    ['efs', ['help']],
    ['? bucket', ['help', 'bucket']],
    ['a#b', ['a#b']],
    ["'a b'c \"d 'e'\" f\\ g", ['a bc', "d 'e'", 'f g']],
    ["''", ['']],
    ['"a\\"b\\c\\\\"', ['a"b\\c\\']],
    ['--match *.jpg a?c', ['--match', '*.jpg', 'a?c']],
    ['~ ~/b a~ \'~\' ~"b"', [HOME, `${HOME}/b`, 'a~', '~', '~b']],
    ["'a|b' \"c>d\" e\\&f \\$x '$x'", ['a|b', 'c>d', 'e&f', '$x', '$x']],
  ]
  for (const [line, words] of rows) expect(commandWords(line, HOME), line).toEqual(words)
})

test('what only a shell does is refused, and so is a line without its end', () => {
  for (const [line, sign] of [
    ['bucket list x | head', '|'],
    ['object get x - > f', '>'],
    ['a &', '&'],
    ['a; b', ';'],
    ['get $(date)', '$('],
    ['get "$HOME/x"', '$HOME'],
    ['get "`date`"', '`'],
  ] as const)
    expect(() => commandWords(line, HOME), line).toThrow(`it does not know ${sign}`)
  expect(() => commandWords("a 'b", HOME)).toThrow("nothing closes the '")
  expect(() => commandWords('a \\', HOME)).toThrow('the line ends in a backslash')
  expect(() => commandWords('a'.repeat(16_385), HOME)).toThrow('a line of more than 16384 bytes')
})

test('a line has the words that bash finds in it', () => {
  const piece = fc.constantFrom('a', 'é', ' ', '  ', "'", '"', '\\', '#', '~', '/', '|', '$x')
  const lines = fc
    .sample(fc.array(piece, { maxLength: 12 }), { numRuns: 1000, seed: 7 })
    .map((pieces) => pieces.join(''))
  const understood = lines.filter((line) => {
    const { open, foreign } = lineOf(line, HOME)
    return open === '' && foreign === undefined
  })
  expect(understood.length).toBeGreaterThan(100)
  const script = understood.map((line) => `set -- ${line}\n[ $# = 0 ] || printf '<%s>' "$@"; echo\n`).join('')
  const { stdout } = spawnSync('bash', { input: script, env: { HOME, LANG: 'C.UTF-8' }, encoding: 'utf8' })
  const ours = understood.map(
    (line) =>
      `${lineOf(line, HOME)
        .words.map(({ text }) => `<${text}>`)
        .join('')}\n`,
  )
  expect(ours.join('')).toBe(stdout)
})

test('what is completed is written so that it is read as it is', () => {
  const chars = fc.string({ unit: fc.constantFrom(...'ab é\'"\\$`|;#~*') })
  fc.assert(
    fc.property(chars, fc.constantFrom('', "'", '"'), (rest, open) => {
      const { words, foreign } = lineOf(`${open}x${quotedRest(rest, open)}${open}`, HOME)
      expect({ texts: words.map(({ text }) => text), foreign }).toEqual({ texts: [`x${rest}`], foreign: undefined })
    }),
  )
})

test('the ends of a line', async () => {
  const below = await folder()
  const home = path.join(below, 'home')
  await makeHome(home)
  mkdirSync(path.join(below, 'my files/sub'), { recursive: true })
  writeFileSync(path.join(below, 'my files/.hidden'), '')
  writeFileSync(path.join(below, 'my files/one.txt'), '')
  const rows: [line: string, ends: string[], replaced: string][] = [
    ['clus', ['cluster '], 'clus'],
    ['efs clus', ['cluster '], 'clus'],
    ['ex', ['explain', 'exit'], 'ex'],
    ['too', [], 'too'],
    ['bucket list H', ['Hawaii/'], 'H'],
    ['bucket list Hawaii/C', ['Hawaii/Cola '], 'Hawaii/C'],
    ['bucket list "Hawaii/C', ['"Hawaii/Cola" '], '"Hawaii/C'],
    ['cluster show ', ['Hawaii '], ''],
    [`--home ${below}/nowhere cluster show `, [], ''],
    [`sync ${below}/my`, [`${below}/my\\ files/`], `${below}/my`],
    [`sync '${below}/my`, [`'${below}/my files/`], `'${below}/my`],
    [`sync ${below}/my\\ files/`, [`${below}/my\\ files/one.txt`, `${below}/my\\ files/sub/`], `${below}/my\\ files/`],
    [`sync ${below}/my\\ files/.h`, [`${below}/my\\ files/.hidden `], `${below}/my\\ files/.h`],
    [`--home ${below}/my\\ files/`, [`${below}/my\\ files/sub/`], `${below}/my\\ files/`],
    ['bucket list | H', [], ''],
  ]
  const given = [['--home', home]] as const
  for (const [line, found, replaced] of rows)
    expect(await ends(catalogue(), line, given, {}), line).toEqual([found, replaced])
})

test('a line that may hold a secret is not kept', () => {
  for (const line of [
    ' bucket list',
    'service create isgw x --remote ccows://pair:K7Q2-M4XD-9TPL@10.3.32.240:14000/Hawaii-r/Cola/bk1#sha256:9f',
    'sync a s3://key:secret@host/b',
    'service config hawaii X-ISGW-Basic-Auth test123:test123',
    "s config hawaii 'x-isgw-basic-auth' test123:test123",
    'a\u001b[31m',
    'a'.repeat(20_000),
    '',
  ])
    expect(mayKeep(line), line).toBe(false)
  for (const line of [
    'bucket list Hawaii/Cola',
    'service config hawaii X-ISGW-Basic-Auth -',
    "service config hawaii X-ISGW-Basic-Auth ''",
    'service config hawaii X-ISGW-Basic-Auth',
    'sync a ccow://10.3.32.240/Hawaii-r/Cola/bk1',
  ])
    expect(mayKeep(line), line).toBe(true)
})

test('history is the last lines, of its owner alone, without what was refused', async () => {
  const env = { XDG_STATE_HOME: await folder() }
  const file = historyFile(env)
  const failed = (error: unknown): void => {
    throw error
  }
  const first = await History.open(file, failed)
  await first.add('one  ', 0)
  await first.add('one', 3)
  await first.add('a secret', 2)
  expect(first.lines).toEqual(['a secret', 'one'])
  expect(readFileSync(file, 'utf8')).toBe('one\n')
  expect(statSync(file).mode & 0o777).toBe(0o600)
  writeFileSync(file, Array.from({ length: 200_000 }, (_, i) => `line ${i}\n`).join(''))
  const second = await History.open(file, failed)
  expect(second.lines.length).toBe(1000)
  expect(second.lines[0]).toBe('line 199999')
  expect(readFileSync(file, 'utf8').split('\n', 1)).toEqual(['line 199000'])
  const failures: unknown[] = []
  const without = await History.open(path.join(file, 'below-a-file'), (error) => failures.push(error))
  await without.add('one', 0)
  expect(without.lines).toEqual(['one'])
  expect(failures).toHaveLength(1)
})

test('lines of a script that comes in pieces', async () => {
  async function* pieces() {
    for (const piece of ['a', 'b\r\nc\n', '\n', '\u00e9'.repeat(20_000), '\nlast']) yield Buffer.from(piece)
  }
  const lines: string[] = []
  for await (const line of linesOf(pieces())) lines.push(line)
  expect(lines.map((line) => line.slice(0, 4))).toEqual(['ab', 'c', '', 'éééé', 'last'])
  expect(Buffer.byteLength(lines[3] ?? '')).toBeGreaterThan(16_384)
  expect(lines[3]?.length).toBeLessThan(10_000)
})
