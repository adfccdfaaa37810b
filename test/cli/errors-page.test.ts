import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/base/errors.js'
import { EXIT_CODES } from '../../src/cli/exit-codes.js'

test('docs/errors.md has every code with its exit status, and no other', () => {
  const page = readFileSync('docs/errors.md', 'utf8')
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` *\| (\d+) *\| \S.* \| \S.* \|$/gm)]
  expect(rows.map(([, code, exit]) => [code, Number(exit)])).toEqual(
    Object.entries(ERRORS).map(([code, { exit }]) => [code, exit]),
  )
})

test('docs/cli.md has the exit codes of the manual, in its words, and every code ends with one of them', () => {
  const page = readFileSync('docs/cli.md', 'utf8')
  const section = page.slice(page.indexOf('### Exit codes'), page.indexOf('### Addresses'))
  const rows = [...section.matchAll(/^\| (\d+) *\| (.+?) *\|$/gm)]
  expect(rows.map(([, code, means = '']) => [Number(code), means.replaceAll('`', '')])).toEqual(EXIT_CODES)
  const known = EXIT_CODES.map(([code]) => code)
  for (const [code, { exit }] of Object.entries(ERRORS)) expect(known, code).toContain(exit)
})
