import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { commandOf } from '../../src/cli/argv.js'
import { catalogue } from '../../src/cli/complete.js'
import { stepsOf } from './blocks.js'
import { TOPICS } from './help.js'
import { blocksFor, blocksForNobody, RUN_BY } from './run-by.js'

const PAGES = [...new Set(RUN_BY.map(({ page }) => page))]
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> }

test('no document has a command line that nobody runs', () => {
  const all = ['README.md', ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`)]
  for (const page of all.filter((name) => name.endsWith('.md'))) {
    // The others show formats, and no commands.
    const wrong = blocksForNobody(page).filter(({ language }) => PAGES.includes(page) || !/^(json)?$/.test(language))
    expect(wrong.map(({ line }) => `${page}:${line}`)).toEqual([])
  }
  for (const { by, page } of RUN_BY) expect(existsSync(by) && existsSync(page), by).toBe(true)
})

test('what is put in place has no command beside those that are run', () => {
  expect(readdirSync('docs/deploy').sort()).toEqual(['Dockerfile', 'README.md', 'efs-gateway.service'])
  const unit = readFileSync('docs/deploy/efs-gateway.service', 'utf8')
  expect(unit.match(/^Exec\w+/gm)).toEqual(['ExecStartPre', 'ExecStart'])
})

test('the lines that run the tests do what the CI does', () => {
  const ci = readFileSync('.ci/run', 'utf8')
  const lines = blocksFor('.ci/run', 'README.md', 'From the sources').flatMap(stepsOf)
  expect(lines.length).toBe(2)
  for (const { command } of lines)
    for (const part of partsOf(command.replace(/ #.*/, ''))) expect(ci, `${command}: ${part}`).toContain(part)
})

/** What a line runs, by the words of a person: `npm test` is what its script says. */
function partsOf(command: string): string[] {
  return command.split('&&').flatMap((part) => {
    const words = part.trim()
    return words === 'npm test' ? partsOf(scripts.test ?? '') : [words]
  })
}

/** Words of a document between backticks, outside of its blocks. */
const spansOf = (page: string): string[] =>
  [
    ...readFileSync(page, 'utf8')
      .replace(/^```[\s\S]*?^```/gm, '')
      .matchAll(/`([^`]+)`/g),
  ].map(([, span = '']) => span)

test('a command that is named in the text is one, with such flags', () => {
  const { commands } = catalogue()
  const named = PAGES.flatMap(spansOf).filter((span) => span.startsWith('efs '))
  expect(named.length).toBeGreaterThan(30)
  for (const span of named) {
    const words = span.replace('TOPIC', 'bucket').split(' ').slice(1)
    const found = commandOf(words, new Set(Object.keys(commands)))
    const flags = words.filter((word) => word.startsWith('--')).map((word) => word.slice(2))
    if (flags.includes('help')) expect(TOPICS.has(words[0] ?? '') || found, span).toBeTruthy()
    else expect(Object.keys(commands[found?.id ?? '']?.flags ?? {}), span).toEqual(expect.arrayContaining(flags))
  }
  for (const [, script = ''] of PAGES.flatMap((page) => [...readFileSync(page, 'utf8').matchAll(/npm run ([\w:]+)/g)]))
    expect(scripts).toHaveProperty([script])
})
