import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { NODE_LEAST } from '../../src/app/doctor/machine.js'
import { stepsOf } from './blocks.js'
import { typePage } from './page.js'
import { blocksFor } from './run-by.js'

const SELF = 'test/docs/deploy.test.ts'
const PAGE = 'docs/deploy/README.md'
const SOURCES = process.cwd()
const TOOLS = path.resolve('test/tools')

beforeAll(() => {
  execFileSync(path.join(TOOLS, 'have'), ['systemd-analyze=systemd', 'sudo=sudo', 'useradd=passwd'])
})

/** In the place of the program of that name, which can do nothing in a test. */
const standIn = (name: string): Record<string, string> => ({
  [name]: `#!/bin/sh\nexec '${path.join(TOOLS, name)}' "$@"\n`,
})

/** How npm reaches packages here, for a user who has another home. */
function npmSettings(): Record<string, string> {
  const here: Record<string, unknown> = JSON.parse(
    execFileSync('npm', ['config', 'list', '--json'], { encoding: 'utf8' }),
  )
  const { cache, registry, cafile } = here
  const set = { cache, registry, cafile, prefer_offline: true, audit: false, fund: false, loglevel: 'error' }
  return Object.fromEntries(
    Object.entries(set).flatMap(([key, value]) => (value == null ? [] : [[`npm_config_${key}`, `${value}`]])),
  )
}

test('the unit is one that systemd understands', () => {
  const { stdout, stderr } = spawnSync('systemd-analyze', ['verify', path.resolve('docs/deploy/efs-gateway.service')], {
    encoding: 'utf8',
  })
  const own = `${stdout}${stderr}`.split('\n').filter((line) => line.includes('efs-gateway'))
  // The manual pages are not installed where the sources are built.
  expect(own.filter((line) => !line.includes('man '))).toEqual([])
})

/** Installs what was built here, for all users: a packed one comes by the same line in `test/tools/installs`. */
const INSTALLS = `#!/bin/sh
[ "$*" = 'install -g ./efs-0.1.0.tgz' ] || exit 1
mkdir /usr/local/lib/efs && mount --bind '${SOURCES}' /usr/local/lib/efs && ln -sf ../lib/efs/bin/efs.js /usr/local/bin/efs`

test('what the page says of systemd puts a gateway in place, and SIGTERM ends it clean', async () => {
  const blocks = blocksFor(SELF, PAGE, 'With systemd')
  const newcomer = blocksFor('test/tools/installs', 'README.md', 'First success').flatMap(stepsOf)
  expect(newcomer.map(({ command }) => command.replace(/ +#.*/, ''))).toEqual([blocks.flatMap(stepsOf)[0]?.command])
  const typed = await typePage(PAGE, blocks, {
    before: () => `ln -s '${SOURCES}/docs' docs`,
    programs: { ...standIn('systemctl'), npm: INSTALLS },
    within: [path.join(TOOLS, 'apart'), '--layer'],
  })
  expect(typed).toBeGreaterThan(8)
})

test('the image is built, run and ended as the page says', async () => {
  const typed = await typePage(PAGE, blocksFor(SELF, PAGE, 'In a container'), {
    before: () => `ln -s '${SOURCES}'/* .`,
    env: npmSettings(),
    programs: standIn('docker'),
    within: [path.join(TOOLS, 'apart')],
  })
  expect(typed).toBeGreaterThan(5)
})

test('the image is made of all that is shipped, on the oldest Node that efs runs on', () => {
  const image = readFileSync('docs/deploy/Dockerfile', 'utf8')
  const copied = [...image.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '))
  const { files } = JSON.parse(readFileSync('package.json', 'utf8'))
  const shipped = (files as string[]).flatMap((name) => (/^!|^dist\/|\.json$/.test(name) ? [] : [name.split('/')[0]]))
  expect(copied).toEqual(expect.arrayContaining(shipped))
  expect(new Set(image.match(/^FROM \S+/gm))).toEqual(new Set([`FROM node:${NODE_LEAST[0]}-slim`]))
})
