import { closeSync, openSync, readdirSync, readSync, statSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

/** The pack that holds the data. */
function largestPack(world: World): string {
  const packs = readdirSync(world.at('home/packs')).map((name) => ({
    name,
    size: statSync(world.at('home/packs', name)).size,
  }))
  return packs.sort((a, b) => b.size - a.size)[0]?.name ?? ''
}

function flip(file: string, offset: number): void {
  const fd = openSync(file, 'r+')
  const byte = Buffer.alloc(1)
  readSync(fd, byte, 0, 1, offset)
  byte.writeUInt8(byte.readUInt8() ^ 0x10)
  writeSync(fd, byte, 0, 1, offset)
  closeSync(fd)
}

test('one flipped byte anywhere in a pack is found, named with what it harms, and ends with 9', () => {
  const world = new World()
  for (let i = 0; i < 20; i++) world.write(`data/${i}`, i % 2 ? noise(i, 5000) : `text ${i} `.repeat(400))
  world.write('data/big', noise(99, 3_000_000))
  world.write('data/tiny', 'inline')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  expect(world.efs('system', 'check', '--read-data')).toMatchObject({ status: 0, stdout: '' })
  const pack = largestPack(world)
  const file = world.at('home/packs', pack)
  const size = statSync(file).size
  let named = 0
  const offsets = [
    0,
    9,
    31,
    33,
    40,
    95,
    size - 1,
    size - 60,
    ...Array.from({ length: 24 }, (_, i) => Math.floor(((i + 0.5) * size) / 24)),
  ]
  for (const offset of offsets) {
    flip(file, offset)
    const { status, stdout } = world.efs('system', 'check', '--read-data')
    flip(file, offset)
    expect({ offset, status }).toEqual({ offset, status: 9 })
    expect(stdout).toContain(pack)
    if (stdout.includes('Hawaii/Cola/bk1/')) named++
  }
  expect(named).toBeGreaterThan(offsets.length / 2)
  expect(world.efs('system', 'check', '--read-data').status).toBe(0)
})

test('reading a damaged object fails with 9 and leaves no file', () => {
  const world = new World()
  world.write('big', noise(99, 3_000_000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/big', 'big')
  flip(world.at('home/packs', largestPack(world)), 1_500_000)
  const { status, stderr } = world.efs('object', 'get', 'Hawaii/Cola/bk1/big', 'out')
  expect(status).toBe(9)
  expect(stderr).toMatch(/^efs: chunk [0-9a-f]+ is damaged/)
  expect(readdirSync(world.dir)).not.toContain('out')
})
