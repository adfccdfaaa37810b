import { spawnSync } from 'node:child_process'
import { chmodSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { candidates, catalogue } from '../../src/cli/complete.js'
import { SHELLS, type Shell, scriptOf } from '../../src/cli/completion/script.js'
import { tableOf } from '../../src/cli/completion/table.js'
import { Settings } from '../../src/cli/settings/settings.js'
import { withSegment } from '../../src/store/segment.js'
import { World } from '../e2e/world.js'
import { folder, makeHome } from '../store/homes.js'
import { packagesOf, read } from '../tidy/sources.js'

const all = catalogue()
/** Beside `Hawaii/Cola/bk1`. */
const MORE = ['Hawaii/Cola/bk2', 'Hawaii/Pepsi', 'Hawaii/Pepsi/bk', 'Maui', 'Maui/Cola', 'Maui/Cola/bk']

/** What is loaded with a file: not its types, and not what it loads late. */
const staticImportsOf = (file: string): string[] =>
  [...read(file).matchAll(/^(?:import|export) (?!type)[^']*? from '(\.[^']+)'/gms)].map(([, to = '']) =>
    path.join(path.dirname(file), to).replace(/\.js$/, '.ts'),
  )

/** A home with names and services, for who works in `below`. */
async function someNames() {
  const below = await folder()
  const home = path.join(below, 'home')
  await makeHome(home)
  await withSegment(home, { clock: systemClock }, async ({ names }) => {
    for (const name of MORE) await names.create(name, {})
  })
  await mkdir(path.join(home, 'services'))
  for (const name of ['north', 'south']) await writeFile(path.join(home, 'services', `${name}.json`), '{}')
  await mkdir(path.join(below, 'efs'))
  await writeFile(path.join(below, 'efs/credentials.json'), '{"format":1,"secrets":{"user":{"s3://photos":"a:b"}}}')
  return { below, home, env: { EFS_HOME: home, XDG_CONFIG_HOME: below } }
}

const ROWS: readonly [line: string, candidates: string[]][] = [
  ['clus', ['cluster']],
  ['s', ['service', 'sync', 'system']],
  ['help clus', ['cluster']],
  ['cluster s', ['set', 'show']],
  ['c s', ['set', 'show']],
  ['--json c s', ['set', 'show']],
  ['--home /nowhere cluster show ', []],
  ['nonsense ', []],
  ['cluster show ', ['Hawaii', 'Maui']],
  ['cluster show M', ['Maui']],
  ['cluster show Hawaii ', []],
  ['tenant list ', ['Hawaii', 'Maui']],
  ['bucket list Hawaii/', ['Hawaii/Cola', 'Hawaii/Pepsi']],
  ['bucket show H', ['Hawaii/']],
  ['bucket show Hawaii/C', ['Hawaii/Cola/']],
  ['bucket show Hawaii/Cola/', ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2']],
  ['bucket show Nowhere/Cola/', []],
  ['object get Hawaii/Cola/', ['Hawaii/Cola/bk1/', 'Hawaii/Cola/bk2/']],
  ['object get Hawaii/Cola/bk1/', []],
  ['sync M', [':files', 'Maui/']],
  ['sync ./', [':files']],
  ['sync Hawaii/Cola/bk1 Maui/Cola/', [':files', 'Maui/Cola/bk']],
  ['bucket attach Hawaii/Cola/bk1 ', ['north', 'south']],
  ['service show n', ['north']],
  ['service show --watch s', ['south']],
  ['service config north X-ISGW-Rem', ['X-ISGW-Remote']],
  ['service create isgw x --direction ', ['both', 'receive', 'send']],
  ['gateway logs --service ', ['north', 'south']],
  ['gateway logs -n ', []],
  ['wait --bucket Hawaii/Pepsi/', ['Hawaii/Pepsi/bk']],
  ['credential delete s3:', ['s3://photos']],
  ['config set color ', ['-', 'auto', 'never']],
  ['explain GU', ['GUARD']],
  ['completion ', ['bash', 'fish', 'zsh']],
  ['cluster list --ho', ['--home']],
  ['cluster list --home ', [':folders']],
  ['cluster list --json --js', []],
  ['cluster show -- -', []],
  ['config set ', ['bwlimit', 'color', 'home', 'jobs']],
  ['service show north -s --', ['--home', '--json', '--no-color', '--quiet', '--verbose', '--watch']],
  ['--home=/nowhere service show ', []],
  ['gateway logs --service=', ['--service=north', '--service=south']],
  ['gateway logs --service=n', ['--service=north']],
  ['wait --bucket=Hawaii/P', ['--bucket=Hawaii/Pepsi/']],
  ['service create isgw x --direction=b', ['--direction=both']],
  ['cluster list --home=', [':folders']],
  ['cluster list --json=', []],
  ['cluster list --nonsense=', []],
]

test('commands, verbs, flags, and what flags and arguments take', async () => {
  const { env } = await someNames()
  for (const [line, expected] of ROWS) {
    const found = await candidates(all, line.split(' '), env)
    expect(
      found.map((one) => one.split('\t', 1)[0]),
      line,
    ).toEqual(expected)
  }
})

test('every command can be reached, with what it is for, and every flag of it', async () => {
  for (const [id, { flags }] of Object.entries(all.commands)) {
    const words = id.split(':')
    const found = await candidates(all, words, {})
    expect(
      found.map((line) => line.split('\t', 1)[0]),
      id,
    ).toContain(words.at(-1))
    expect(
      found.every((line) => /^\S+\t\S/.test(line)),
      id,
    ).toBe(true)
    expect(await candidates(all, [...words, '--'], {}), id).toHaveLength(Object.keys(flags).length)
  }
})

test('of every argument it is known what it takes, or that it is free', () => {
  const free = [...tableOf(all).places].flatMap(([place, rows]) =>
    rows.flatMap(({ word, what }) => (word.startsWith('#') && what === 'any' ? [`${place} ${word}`] : [])),
  )
  expect(free.sort()).toEqual([
    ...['gateway unpair #0', 'run show #0', 'run undo #0', 'service config #2', 'service create #1'],
  ])
})

test('the script completes in bash, where a colon cuts words', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efsReading('a:b', 'credential', 'set', 's3://photos')
  world.write('efs', `#!/bin/sh\nexec ${process.execPath} ${world.program} "$@"\n`)
  chmodSync(world.at('efs'), 0o755)
  world.write('script', world.efs('completion', 'bash').stdout)
  const reply = (...words: string[]) => {
    const ask = `source ./script; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _efs "$1"; printf '%s\\n' "\${COMPREPLY[@]}"`
    return world.run('bash', '-c', ask, 'bash', ...words).stdout
  }
  expect(reply('./efs', 'buck')).toBe('bucket\n')
  expect(reply('./efs', 'bucket', 'show', 'Hawaii/Cola/')).toBe('Hawaii/Cola/bk1\n')
  expect(reply('./efs', 'credential', 'delete', 's3', ':', '//p')).toBe('//photos\n')
  expect(reply('./efs', 'wait', '--bucket', '=', 'Hawaii/C')).toBe('Hawaii/Cola/\n')
  expect(reply('./efs', 'wait', '--bucket', '=')).toBe('Hawaii/\n')
})

/** What defines `ask WORDS…`, which prints the candidates and a line `==`. */
const ASK = {
  bash: `ask() { _efs_find ./program "$@"; printf '%s==\\n' "$found"; }`,
  zsh: `compdef() { :; }; ask() { _efs_find ./program "$@"; printf '%s==\\n' "$found"; }`,
  fish: 'function ask; __efs_find ./program $argv; echo ==; end',
} as const

/** What the script of a shell finds, and what it asked the program; undefined where there is no such shell. */
function inShell(shell: Shell, lines: readonly string[], below: string, env: NodeJS.ProcessEnv) {
  writeFileSync(path.join(below, 'program'), '#!/bin/sh\necho "$*" >>asked\n', { mode: 0o755 })
  writeFileSync(path.join(below, 'asked'), '')
  const asks = lines.map(
    (line) =>
      `ask ${line
        .split(' ')
        .map((word) => `'${word}'`)
        .join(' ')}`,
  )
  const script = [ASK[shell], scriptOf(shell, tableOf(all)), ...asks].join('\n')
  const options = {
    cwd: below,
    env: { PATH: process.env.PATH, HOME: below, ...env },
    encoding: 'utf8',
    input: '',
  } as const
  writeFileSync(path.join(below, 'script'), script)
  const { error, status, stdout, stderr } = spawnSync(shell, ['script'], options)
  if (error !== undefined) return undefined
  expect({ status, stderr }, shell).toEqual({ status: 0, stderr: '' })
  const found = stdout.split('==\n').map((part) =>
    part
      .split('\n')
      .filter((line) => line !== '')
      .sort(),
  )
  return { found, asked: readFileSync(path.join(below, 'asked'), 'utf8') }
}

test('the script of each shell finds the same as the program, and asks it about credentials alone', async () => {
  const { below, env } = await someNames()
  const lines = ROWS.map(([line]) => line)
  for (const shell of SHELLS) {
    const there = inShell(shell, lines, below, env)
    if (there === undefined) continue
    expect(there.asked, shell).toBe('--complete credential delete s3:\n')
    for (const [at, line] of lines.entries()) {
      if (line.startsWith('credential')) continue
      expect(there.found[at], `${shell}: ${line}`).toEqual((await candidates(all, line.split(' '), env)).sort())
    }
  }
})

test('a shell knows the home that counts, and asks the program where it cannot', async () => {
  const { below, home, env } = await someNames()
  const settings = new Settings({}, path.join(below, 'efs'))
  const line = 'cluster show M'
  for (const shell of SHELLS) {
    const found = (own: NodeJS.ProcessEnv) => inShell(shell, [line], below, own)
    if (found({}) === undefined) continue
    await settings.set('home', home)
    const isFound = { found: [['Maui'], []], asked: '' }
    expect(found({ XDG_CONFIG_HOME: below }), shell).toEqual(isFound)
    expect(found({ XDG_CONFIG_HOME: below, EFS_HOME: '/nowhere' })?.found, shell).toEqual([[], []])
    await settings.set('home', `${home}/a"b`)
    expect(found({ XDG_CONFIG_HOME: below })?.asked, shell).toBe(`--complete ${line}\n`)
    const data = await folder()
    symlinkSync(home, path.join(data, 'efs'))
    expect(found({ XDG_CONFIG_HOME: await folder(), XDG_DATA_HOME: data }), shell).toEqual(isFound)
    renameSync(path.join(home, 'names.txt'), path.join(home, 'gone'))
    expect(found(env)?.asked, shell).toBe(`--complete ${line}\n`)
    renameSync(path.join(home, 'gone'), path.join(home, 'names.txt'))
  }
})

test('the answer needs no package before it looks for names', async () => {
  const seen = new Set<string>()
  const visit = async (file: string): Promise<void> => {
    if (seen.has(file)) return
    seen.add(file)
    for (const next of staticImportsOf(file)) await visit(next)
  }
  await visit('src/cli/complete.ts')
  expect(seen.size).toBeGreaterThan(10)
  for (const file of seen) expect(await packagesOf(file), file).toEqual([])
})

test('an unknown shell is refused with the nearest', () => {
  const { status, stderr } = new World().efs('completion', 'bsh')
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'efs: no completion for "bsh"\n     did you mean bash?\n',
  })
})
