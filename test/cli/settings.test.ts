import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { bandwidthFrom, jobsFrom } from '../../src/cli/flags/transfer.js'
import { SETTING_RULES } from '../../src/cli/settings/rules.js'
import { Settings } from '../../src/cli/settings/settings.js'
import { World } from '../e2e/world.js'
import { folder } from '../store/homes.js'

/** Settings with that file, or none. */
async function settings(env: NodeJS.ProcessEnv, file?: string) {
  const config = await folder()
  const made = new Settings(env, config)
  if (file !== undefined) writeFileSync(made.file, file)
  return made
}

test('a flag counts before the environment, that before the file, that before the default', async () => {
  const file = '{"jobs": 4}'
  const env = { EFS_JOBS: '5' }
  const all = await settings(env, file)
  expect(all.get('jobs', '6')).toEqual({ value: '6', from: '--jobs' })
  expect(all.get('jobs')).toEqual({ value: '5', from: 'EFS_JOBS' })
  const kept = await settings({ EFS_JOBS: '' }, file)
  expect(kept.get('jobs')).toEqual({ value: '4', from: kept.file })
  expect((await settings({})).get('jobs')).toEqual({ value: '8', from: 'default' })
  expect((await settings({ XDG_DATA_HOME: '/data' })).get('home')).toEqual({ value: '/data/efs', from: 'default' })
})

test('NO_COLOR is never, unless EFS_COLOR says otherwise', async () => {
  expect((await settings({ NO_COLOR: '1' }, '{"color":"auto"}')).get('color')).toEqual({
    value: 'never',
    from: 'NO_COLOR',
  })
  expect((await settings({ NO_COLOR: '1', EFS_COLOR: 'auto' })).get('color').value).toBe('auto')
  expect((await settings({ NO_COLOR: '' })).get('color').value).toBe('auto')
})

test('a transfer is given what counts', async () => {
  const some = await settings({ EFS_BWLIMIT: '10M' }, '{"jobs":3}')
  expect({ ...jobsFrom(undefined, some), ...bandwidthFrom(undefined, some) }).toEqual({
    jobs: 3,
    bandwidth: 10 * 1024 ** 2,
  })
  expect({ ...jobsFrom('7', some), ...bandwidthFrom('none', some) }).toEqual({ jobs: 7 })
  expect(bandwidthFrom(undefined, await settings({}))).toEqual({})
})

test('what is set is kept, and goes when it is unset; others stay', async () => {
  const some = await settings({})
  expect(await some.set('jobs', '8')).toEqual({ changed: true })
  expect(await some.set('jobs', '8')).toEqual({ changed: false })
  await some.set('color', 'never')
  expect([some.get('jobs').value, some.get('color').value]).toEqual(['8', 'never'])
  await some.set('jobs', undefined)
  expect(readFileSync(some.file, 'utf8')).toBe('{\n  "color": "never"\n}\n')
  expect(some.get('jobs').from).toBe('default')
})

test('several writers lose nothing', async () => {
  const { file } = await settings({})
  const writers = SETTING_RULES.map(({ key }) => [key, new Settings({}, path.dirname(file))] as const)
  const values = { home: '/srv/efs', jobs: '2', bwlimit: '1M', color: 'never' }
  await Promise.all(writers.map(([key, writer]) => writer.set(key, values[key])))
  expect(new Settings({}, path.dirname(file)).kept()).toEqual(values)
})

test.each([
  ['{"jobs":', /config\.json is broken: not JSON$/, /put it right/],
  ['[]', /is broken: no JSON object$/, /put it right/],
  ['{"jobs":{}}', /jobs has no value$/, /put it right/],
  ['{"home":"data"}', /home is not an absolute path$/, /put it right/],
  ['{"bwlimt":1}', /config\.json: no setting "bwlimt"$/, /did you mean bwlimit\?/],
  ['{"color":"neve"}', /config\.json: color does not take "neve"$/, /auto or never; did you mean never\?/],
])('the file %s ends every question with words, and is not written', async (text, message, hint) => {
  const some = await settings({ EFS_HOME: '/home' }, text)
  for (const ask of [() => some.get('home'), () => some.get('jobs', '3')])
    expect(ask).toThrow(
      expect.objectContaining({
        code: 'USAGE',
        message: expect.stringMatching(message),
        hint: expect.stringMatching(hint),
      }),
    )
  await expect(some.set('jobs', '1')).rejects.toMatchObject({ code: 'USAGE' })
  expect(readFileSync(some.file, 'utf8')).toBe(text)
})

test('a variable that has no such value is named', async () => {
  const some = await settings({ EFS_JOBS: 'many', EFS_BWLIMIT: '0' })
  expect(() => some.get('jobs')).toThrow(/^EFS_JOBS does not take "many"$/)
  expect(() => some.get('bwlimit')).toThrow(/^EFS_BWLIMIT does not take "0"$/)
})

test('docs/cli.md has the settings, each with its variable, in order', () => {
  const page = readFileSync('docs/cli.md', 'utf8')
  const section = page.slice(page.indexOf('\n## Settings'))
  const rows = [...section.matchAll(/^\| `(\w+)` \| .* \| `(EFS_\w+)`.* \|$/gm)].map(([, key, variable]) => [
    key,
    variable,
  ])
  expect(rows).toEqual(SETTING_RULES.map(({ key, variable }) => [key, variable]))
})

test('config sets, gets and lists; the home that is set is worked in', () => {
  const world = new World({ EFS_HOME: '' })
  const home = world.at('elsewhere')
  expect(world.efs('config', 'set', 'home', 'elsewhere')).toEqual({
    status: 0,
    stdout: '',
    stderr: `home is ${home}\n`,
  })
  expect(world.efs('config', 'get', 'home').stdout).toBe(`${home}\n`)
  world.efs('config', 'set', 'jobs', '8')
  const file = world.at('config/efs/config.json')
  expect(world.efs('config', 'list', '--no-color').stdout).toBe(
    `home: ${home} (${file})\njobs: 8 (${file})\nbwlimit: none (default)\ncolor: never (--no-color)\n`,
  )
  expect(world.json('config', 'set', 'jobs', '-')).toEqual({ key: 'jobs', value: '8', from: 'default', changed: true })
  world.efs('system', 'init')
  expect(existsSync(world.at('elsewhere/segment.json'))).toBe(true)
  const refused = world.efs('config', 'set', 'jobs', 'many')
  expect(refused).toEqual({
    status: 2,
    stdout: '',
    stderr: 'efs: jobs does not take "many"\n     it takes a whole number of at least 1\n',
  })
  world.write('config/efs/config.json', 'x')
  expect(world.efs('cluster', 'list')).toMatchObject({
    status: 2,
    stderr: expect.stringContaining('is broken: not JSON'),
  })
})

test('~ is the own folder also where the shell has left it as it is', () => {
  const world = new World({ EFS_HOME: '~/by-variable' })
  for (const [words, home] of [
    [['--home=~/by-flag'], 'by-flag'],
    [[], 'by-variable'],
  ] as const) {
    expect(world.efs(...words, 'system', 'init').stderr).toMatch(new RegExp(`^created segment \\S+ in ~/${home}\n$`))
    expect(world.efs('--home', world.at(home), 'system', 'init').stderr).toMatch(/ is already in /)
  }
  world.efs('config', 'set', 'home', '~/by-file')
  expect(world.json('config', 'list')).toMatchObject({ settings: { home: { value: world.at('by-variable') } } })
  expect(readFileSync(world.at('config/efs/config.json'), 'utf8')).toContain(world.at('by-file'))
})

test('a user without a name and a folder of its own, as containers make them up, can work', () => {
  const world = new World()
  chmodSync(world.dir, 0o777)
  // May read wherever this checkout is, and write nothing that others have.
  const power = ['--inh-caps=+dac_read_search', '--ambient-caps=+dac_read_search']
  const stranger = ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups', ...power, 'env', '--unset=HOME']
  const own = { EFS_HOME: world.at('home'), XDG_CONFIG_HOME: '', XDG_DATA_HOME: '' }
  const as = (...words: string[]) =>
    world.run('env', ...Object.entries(own).map((pair) => pair.join('=')), ...stranger, process.execPath, ...words)
  expect(as(world.program, 'bucket', 'create', 'Hawaii/Cola/bk1')).toMatchObject({ status: 0 })
  expect(as(world.program, 'bucket', 'list', 'Hawaii/Cola')).toEqual({ status: 0, stdout: 'bk1\n', stderr: '' })
  own.EFS_HOME = ''
  expect(as(world.program, 'bucket', 'create', 'Hawaii/Cola/bk1')).toMatchObject({
    status: 8,
    stderr: expect.stringContaining('efs: no permission to write in /.local/share/efs\n'),
  })
})
