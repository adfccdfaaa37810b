import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { DOCTOR_TESTS } from '../../src/app/doctor/finding.js'
import { World } from '../e2e/world.js'

test('doctor tells a line a test, and as JSON an event a test', () => {
  const world = new World()
  const { status, stdout, stderr } = world.efs('doctor')
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^✔ settings {4}home\n✔ runtime {5}efs \d.*\n✔ native /)
  expect(stdout).toContain('! home        no segment in ')
  const events = world
    .efs('doctor', '--json')
    .stdout.trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(events.map(({ type, test }) => test ?? type)).toEqual(['settings', ...DOCTOR_TESTS, 'summary'])
  expect(events.at(-1)).toMatchObject({ type: 'summary', ok: true, fail: 0, skip: 0 })
})

test('settings that are broken are a finding: what to do is told, and it ends with 1', () => {
  const world = new World()
  world.write('config/efs/config.json', '{')
  const { status, stdout } = world.efs('doctor')
  expect(status).toBe(1)
  expect(stdout).toBe(
    `✖ settings    ${world.at('config/efs/config.json')} is broken: not JSON\n` +
      '   put it right; or delete it, and efs config set\n' +
      `- ${DOCTOR_TESTS.join(', ')}: not reached\n`,
  )
})

test('docs/cli.md has the tests in order', () => {
  const page = readFileSync('docs/cli.md', 'utf8')
  const section = page.slice(page.indexOf('\n## The installation'))
  const rows = [...section.matchAll(/^\| `(\w+)` \| [^|]+ \|$/gm)].map(([, name]) => name)
  expect(rows).toEqual(['settings', ...DOCTOR_TESTS])
})
