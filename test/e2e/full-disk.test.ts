import { mkdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

/** The row "a full disk" of the table of bad input in docs/errors.md. */
test('a full disk: one clear line, exit 1, nothing lost, and it goes on when there is room', () => {
  const world = new World()
  mkdirSync(world.at('small'))
  expect(world.run('mount', '-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', world.at('small')).status).toBe(0)
  try {
    const home = world.at('small/home')
    world.write('first/a', noise(1, 500_000))
    for (let i = 0; i < 40; i++) world.write(`more/${i}`, noise(i + 2, 1_000_000))
    world.efs('--home', home, 'bucket', 'create', 'Hawaii/Cola/bk1')
    expect(world.efs('--home', home, 'sync', './first', 'Hawaii/Cola/bk1').status).toBe(0)
    const { status, stderr } = world.efs('--home', home, 'sync', './more', 'Hawaii/Cola/bk1')
    expect(stderr).toMatch(/^efs: the disk that holds .* is full\n {5}\S.*\n$/)
    expect(status).toBe(1)
    expect(world.efs('--home', home, 'system', 'check', '--read-data').status).toBe(0)
    expect(world.efs('--home', home, 'verify', './first', 'Hawaii/Cola/bk1').stdout).not.toContain('only in A')
    expect(world.run('mount', '-o', 'remount,size=200m', world.at('small')).status).toBe(0)
    expect(world.efs('--home', home, 'sync', './more', 'Hawaii/Cola/bk1').status).toBe(0)
    expect(world.efs('--home', home, 'system', 'check', '--read-data').status).toBe(0)
  } finally {
    world.run('umount', world.at('small'))
    rmSync(world.at('small'), { recursive: true, force: true })
  }
})
