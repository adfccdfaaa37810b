import { readFileSync } from 'node:fs'
import { mkdir, utimes, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { examine } from '../../src/app/doctor/doctor.js'
import { DOCTOR_TESTS, type DoctorFinding } from '../../src/app/doctor/finding.js'
import {
  clockTest,
  filesFinding,
  NODE_LEAST,
  runtimeTest,
  spaceFinding,
  spaceTest,
  watchesFinding,
} from '../../src/app/doctor/machine.js'
import { nativeTests } from '../../src/app/doctor/native.js'
import { systemClock } from '../../src/base/clock.js'
import { HandClock } from '../contracts/samples.js'
import { folder, makeHome } from '../store/homes.js'

async function examined(home: string): Promise<DoctorFinding[]> {
  const all: DoctorFinding[] = []
  const app = openApp({ home, config: '/nowhere', note: () => undefined })
  await examine(app, '1.2.3', async (finding) => {
    all.push(finding)
  })
  return all
}

test('where all is well every test passes, in order', async () => {
  const home = path.join(await folder(), 'home')
  await makeHome(home)
  const all = await examined(home)
  expect(all.map(({ test }) => test)).toEqual(DOCTOR_TESTS)
  expect(all.filter(({ outcome }) => outcome === 'fail')).toEqual([])
  const [runtime, native, keyring, segment] = all.map(({ text }) => text)
  expect(runtime).toMatch(/^efs 1\.2\.3 on Node \d+\./)
  expect(native).toBe('lmdb, blake3, zstd, xattr, koffi work')
  expect(keyring).toContain('none is wanted (EFS_KEYRING=0)')
  expect(segment).toMatch(/^segment [0-9A-F]{4}-[0-9A-F]{4} in /)
})

test('a home that is not there yet is a warning; one that cannot be opened fails, and the rest is tested', async () => {
  const below = await folder()
  const outcomes = async (home: string) => (await examined(home)).map(({ test, outcome }) => [test, outcome])
  expect(await outcomes(path.join(below, 'a/b'))).toContainEqual(['home', 'warn'])
  await mkdir(path.join(below, 'broken'))
  await writeFile(path.join(below, 'broken/segment.json'), '{')
  const found = await outcomes(path.join(below, 'broken'))
  expect(found).toContainEqual(['home', 'fail'])
  expect(found).toHaveLength(DOCTOR_TESTS.length)
})

test('a native part that does not load is named, and each other one is tried', async () => {
  const parts = {
    good: async () => undefined,
    bad: async () => {
      throw new Error('wrong ELF class\nand more')
    },
    worse: async () => {
      throw new Error('no such file')
    },
  }
  const found: DoctorFinding[] = []
  for await (const finding of nativeTests(parts)) found.push(finding)
  expect(found.map(({ outcome, text }) => [outcome, text])).toEqual([
    ['fail', 'bad does not work here: wrong ELF class'],
    ['fail', 'worse does not work here: no such file'],
  ])
})

test('the oldest Node is the one that package.json names', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8'))
  expect(engines.node).toBe(`>=${NODE_LEAST.join('.')}`)
  const outcomes = ['18.20.0', '20.18.3', '20.19.0', '22.1.0'].map((node) => runtimeTest('1', node).outcome)
  expect(outcomes).toEqual(['fail', 'fail', 'pass', 'pass'])
})

test('room, files and watches are told by how much there is', async () => {
  const MiB = 1024 ** 2
  expect([63, 64, 1023, 1024].map((n) => spaceFinding(n * MiB, false).outcome)).toEqual([
    'fail',
    'warn',
    'warn',
    'pass',
  ])
  expect(spaceFinding(5000 * MiB, true).outcome).toBe('fail')
  expect((await spaceTest(path.join(await folder(), 'not/there'))).test).toBe('space')
  expect(['255', '256', '4096', 'unlimited'].map((n) => filesFinding(n).outcome)).toEqual([
    'fail',
    'warn',
    'pass',
    'pass',
  ])
  expect(watchesFinding('65536\n', '128\n')).toMatchObject({ outcome: 'pass', text: '65536 watches, 128 instances' })
  expect([watchesFinding('100\n', '128\n'), watchesFinding('65536\n', '8\n')].map(({ outcome }) => outcome)).toEqual([
    'warn',
    'warn',
  ])
})

test('a clock that is before what the home was written at fails, and so does one of another age', async () => {
  const home = await folder()
  await writeFile(path.join(home, 'doorbell'), '')
  expect((await clockTest({ home, clock: systemClock })).outcome).toBe('pass')
  // Whole seconds: Node sets times through a double.
  const ahead = new Date(Math.ceil(systemClock.nowMs() / 1000) * 1000 + 3_600_000)
  await utimes(path.join(home, 'doorbell'), ahead, ahead)
  expect(await clockTest({ home, clock: systemClock })).toMatchObject({
    outcome: 'fail',
    text: expect.stringContaining(`but this home was written at ${ahead.toISOString()}`),
  })
  expect((await clockTest({ home, clock: new HandClock(0) })).outcome).toBe('fail')
})
