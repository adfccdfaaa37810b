import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

test('init makes a segment once', () => {
  const world = new World()
  const first = world.efs('system', 'init')
  const [, name] = /^created segment ([0-9A-F]{4}-[0-9A-F]{4}) in ~\/home\n$/.exec(first.stderr) ?? []
  expect(first).toMatchObject({ status: 0, stdout: '' })
  expect(world.efs('system', 'init')).toEqual({
    status: 0,
    stdout: '',
    stderr: `segment ${name} is already in ~/home\n`,
  })
  expect(world.json('system', 'init')).toMatchObject({ home: world.at('home'), created: false })
})

test('gc takes a rate, or none', () => {
  const world = new World()
  world.efs('system', 'init')
  const gc = (rate: string) => world.efs('system', 'gc', '--dry-run', '--bwlimit', rate)
  for (const rate of ['10M', 'none']) expect(gc(rate).status, rate).toBe(0)
  const stderr = 'efs: --bwlimit fast: not an amount of bytes\n     write 500K, 10M, 1G or none\n'
  expect(gc('fast')).toEqual({ status: 2, stdout: '', stderr })
})

test('init leaves a folder alone that holds something else', () => {
  const world = new World()
  world.write('full/other', 'x')
  const { status, stdout, stderr } = world.efs('--home', 'full', 'system', 'init')
  expect({ status, stdout }).toEqual({ status: 3, stdout: '' })
  expect(stderr).toMatch(/^efs: .*\/full holds other things .*\n {5}\S.*\n$/)
  expect(readdirSync(world.at('full'))).toEqual(['other'])
})

test('status and summary say in rows what the segment is and holds', () => {
  const world = new World()
  world.write('file', 'x'.repeat(5000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/a', 'file')
  expect(world.efs('system', 'status')).toEqual({
    status: 0,
    stdout: expect.stringMatching(
      /^segment: [0-9A-F-]{9}\nhome: .*\/home\nformat: 2\nbuckets: 1\nhealth: ok\ngateway: none runs\n$/,
    ),
    stderr: '',
  })
  const { stdout } = world.efs('system', 'summary')
  const rows = new Map(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => [line.split(': ')[0], line.split(': ')[1]]),
  )
  expect([...rows.keys()]).toEqual([
    'guid',
    'capacity',
    'used',
    'available',
    'utilization',
    'versions',
    'objects',
    'chunks',
    'packs',
    'logical',
    'reduction',
  ])
  expect(rows.get('capacity')).toMatch(/^\d+ \([0-9.]+ [KMGTP]iB\)$/)
  expect(rows.get('utilization')).toMatch(/^\d+\.\d %$/)
  expect(world.json('system', 'summary')).toMatchObject({
    versions: 1,
    objects: 1,
    chunks: 1,
    packs: 1,
    reduction: expect.any(Number),
  })
})

test('check says what it looked at; with --json the last event is the summary', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  expect(world.efs('system', 'check')).toEqual({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^✔ clean: 1 pack, \d+ versions?\n$/),
  })
  expect(world.efs('system', 'check', '--read-data').stderr).toMatch(
    /^✔ clean: 1 pack, \d+ records, [0-9.]+ K?i?B read\n$/,
  )
  expect(world.summary('system', 'check', '--read-data')).toMatchObject({ type: 'summary', packs: 1, damaged: 0 })
})

test('a damaged pack: check ends with 9 and names it, status is not healthy', () => {
  const world = new World()
  world.write('file', 'x'.repeat(5000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/a', 'file')
  const pack = readdirSync(world.at('home/packs')).sort().at(-1) ?? ''
  writeFileSync(world.at('home/packs', pack), '')
  const { status, stdout, stderr } = world.efs('system', 'check')
  expect(status).toBe(9)
  expect(stdout).toMatch(new RegExp(`^${pack} at \\d+: \\S.*$`, 'm'))
  expect(stdout).toContain('; harms Hawaii/Cola/bk1/a')
  expect(stderr).toMatch(/^✖ \d+ damages?: 1 pack, /)
  const lines = world.efs('system', 'check', '--json').stdout.trimEnd().split('\n')
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'damage', pack })
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ type: 'summary' })
  expect(world.efs('system', 'status')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/\nhealth: damaged \(/),
  })
})

test('a pack that is missing: status is not healthy, and verify proves nothing', () => {
  const world = new World()
  world.write('folder/file', 'x'.repeat(5000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './folder', 'Hawaii/Cola/bk1')
  const verify = () => world.efs('verify', './folder', 'Hawaii/Cola/bk1')
  expect(verify().status).toBe(0)
  for (const pack of readdirSync(world.at('home/packs'))) rmSync(world.at('home/packs', pack))
  expect(world.efs('system', 'status')).toMatchObject({
    status: 1,
    stdout: expect.stringMatching(/\nhealth: damaged \(/),
  })
  expect(verify()).toEqual({
    status: 9,
    stdout: '',
    stderr: [
      'efs: nothing is proven of Hawaii/Cola/bk1: 00000001.pack: the pack is missing\n',
      `     run \`efs --home ${world.at('home')} system check\` to see what it harms\n`,
    ].join(''),
  })
})
