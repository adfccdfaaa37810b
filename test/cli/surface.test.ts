import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Command } from '@oclif/core/command'
import { Plugin } from '@oclif/core/config'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { manualPages } from '../../src/cli/manual/pages.js'
import { lineAndMore } from '../../src/cli/topics.js'

const ROOT = process.cwd()
const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
let classes: Command.Class[] = []
let pages = new Map<string, string>()

beforeAll(async () => {
  await plugin.load()
  classes = await Promise.all(plugin.commands.map((command) => command.load()))
  const topics = plugin.topics.map(({ name, description }) => ({ name, ...lineAndMore(description) }))
  pages = manualPages({ commands: plugin.commands, topics, version: plugin.version }, (file) =>
    readFileSync(path.join(ROOT, 'docs', file), 'utf8'),
  )
})

const folder = mkdtempSync(path.join(tmpdir(), 'efs-man-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('commands, arguments and flags are those that were agreed (vitest -u accepts a change)', async () => {
  const surface = plugin.commands.map(({ id, args, flags }) => {
    const words = Object.values(args).map(({ name, required }) => (required ? name : `[${name}]`))
    const own = Object.values(flags).filter(({ helpGroup }) => helpGroup !== 'GLOBAL')
    const lines = own.map((flag) =>
      [`  --${flag.name}`, flag.char && `-${flag.char}`, flag.type === 'option' && 'VALUE'].filter(Boolean).join(' '),
    )
    return [[id.replaceAll(':', ' '), ...words].join(' '), ...lines.sort()].join('\n')
  })
  await expect(`${surface.sort().join('\n')}\n`).toMatchFileSnapshot(path.join(ROOT, 'test/fixtures/surface.txt'))
})

test('every command has the global flags', () => {
  for (const { id, flags } of plugin.commands) {
    const globals = Object.values(flags).flatMap(({ helpGroup, name }) => (helpGroup === 'GLOBAL' ? [name] : []))
    expect(globals.sort(), id).toEqual(['home', 'json', 'no-color', 'quiet', 'verbose'])
  }
})

test('no argument is ever read from stdin', () => {
  const waiting = classes.flatMap(({ id, args }) =>
    Object.entries(args).flatMap(([name, arg]) => (arg.ignoreStdin === true ? [] : [`${id} ${name}`])),
  )
  expect(waiting).toEqual([])
  expect(classes.length).toBeGreaterThan(25)
})

test('the manual pages in man/ are those of the commands (node dist/src/cli/generate.js --man writes them)', () => {
  expect(readdirSync(path.join(ROOT, 'man')).sort()).toEqual([...pages.keys()].sort())
  for (const [name, page] of pages) expect(readFileSync(path.join(ROOT, 'man', name), 'utf8'), name).toBe(page)
})

test('no manual page has a fault that mandoc finds, where there is a mandoc', () => {
  for (const [name, page] of pages) {
    expect(page, name).toMatch(/^\.TH EFS.* [157] \d{4}-\d\d-\d\d /)
    writeFileSync(path.join(folder, name), page)
  }
  const files = [...pages.keys()].map((name) => path.join(folder, name))
  const { stdout, error } = spawnSync('mandoc', ['-T', 'lint', ...files], { encoding: 'utf8' })
  if (error === undefined) expect(stdout).toBe('')
})

test('every manual page is shipped, and both names start the same program', () => {
  const pack = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  expect(pack.bin.efscli).toBe(pack.bin.efs)
  expect(pack.files).toContain('man')
  expect(pack.man).toEqual([...pages.keys()].sort().map((name) => `./man/${name}`))
})
