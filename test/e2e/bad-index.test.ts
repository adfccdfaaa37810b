import { closeSync, openSync, readFileSync, truncateSync, writeFileSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

const PAGE = 4096

/** Each makes a good index into another. */
const DAMAGES: Readonly<Record<string, (index: string) => void>> = {
  'a line of text': (index) => writeFileSync(index, 'not an index\n'),
  noise: (index) => writeFileSync(index, noise(1, 25 * PAGE)),
  'less than its first pages': (index) => truncateSync(index, PAGE),
  'its first half': (index) => truncateSync(index, readFileSync(index).length >> 1),
  'its first eighth': (index) => truncateSync(index, readFileSync(index).length >> 3),
  'noise in its first page': (index) => overwrite(index, 0, noise(2, PAGE)),
  'noise in its second page': (index) => overwrite(index, PAGE, noise(3, PAGE)),
}

function overwrite(file: string, at: number, bytes: Buffer): void {
  const open = openSync(file, 'r+')
  writeSync(open, bytes, 0, bytes.length, at)
  closeSync(open)
}

function filled(files = 300): World {
  const world = new World()
  for (let n = 0; n < files; n++) world.write(`data/${'a long name '.repeat(10)}${n}`, `${n}`.repeat(200))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  return world
}

test('an index that is damaged is told in words, never by a crash', () => {
  const world = filled()
  const index = world.at('home/index.mdb')
  const good = readFileSync(index)
  for (const [what, damage] of Object.entries(DAMAGES)) {
    damage(index)
    for (const command of ['object list Hawaii/Cola/bk1', 'system check']) {
      const { status, stderr } = world.efs(...command.split(' '))
      expect({ what, command, status, stderr }).toEqual({
        what,
        command,
        status: 9,
        stderr: `efs: the index of the segment in ${world.at('home')} is damaged\n     efs system check --repair makes it anew from the packs\n`,
      })
    }
    writeFileSync(index, good)
  }
  expect(world.efs('system', 'check').status).toBe(0)
})

test('noise where its rows are: the check finds it, and the index is made anew', () => {
  const world = filled()
  const index = world.at('home/index.mdb')
  for (let at = 2 * PAGE; at < readFileSync(index).length; at += 2 * PAGE) overwrite(index, at, noise(at, PAGE))
  expect(world.efs('system', 'check')).toMatchObject({ status: 9, stderr: expect.stringContaining('--repair') })
  expect(world.efs('system', 'check', '--repair').status).toBe(0)
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1').status).toBe(0)
})

test('noise in any one page is told in words, or is where nothing was', () => {
  const world = filled(40)
  const index = world.at('home/index.mdb')
  const good = readFileSync(index)
  const list = (): string => world.efs('object', 'list', 'Hawaii/Cola/bk1').stdout
  const whole = list()
  const found = new Set<number | null>()
  for (let page = 2; page < good.length / PAGE; page++) {
    overwrite(index, page * PAGE, noise(page, PAGE))
    const { status, stdout, stderr } = world.efs('object', 'list', 'Hawaii/Cola/bk1')
    if (status === 0) expect({ page, stdout, stderr }).toEqual({ page, stdout: whole, stderr: '' })
    else expect({ page, status, stderr }).toEqual({ page, status: 9, stderr: expect.stringContaining('is damaged') })
    found.add(status)
    writeFileSync(index, good)
  }
  expect([...found].sort()).toEqual([0, 9])
})

test('an index that nobody may open is not called damaged', () => {
  const world = filled()
  world.run('chmod', '-R', 'a-w', 'home')
  expect(world.efsUnprivileged('system', 'check')).toMatchObject({ status: 8 })
  world.run('chmod', '-R', 'u+w', 'home')
  expect(world.efs('system', 'check').status).toBe(0)
})
