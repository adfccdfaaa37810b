import { mkdirSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

const MiB = 1024 * 1024

test('doubled ranges are stored once', () => {
  const world = new World()
  const shared = noise(1, 12 * MiB)
  for (let image = 0; image < 4; image++) {
    const parts = [
      noise(10 + image, 5 * MiB),
      shared.subarray(0, 6 * MiB),
      noise(20 + image, 3 * MiB + 17),
      shared.subarray(6 * MiB),
    ]
    world.write(`images/${image}.raw`, Buffer.concat(parts))
  }
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const summary = world.summary('sync', './images', 'Hawaii/Cola/bk1')
  const distinct = 12 * MiB + 4 * (8 * MiB + 17)
  expect(summary.bytesRead).toBe(4 * (20 * MiB + 17))
  expect(summary.bytesStored).toBeLessThan(distinct * 1.06)
  expect(packBytes(world)).toBeLessThan(distinct * 1.07)
})

test('one byte in front of a big object is less than a mebibyte of new data', () => {
  const world = new World()
  const big = noise(5, 96 * MiB)
  world.write('data/big', big)
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  const before = packBytes(world)
  world.write('data/big', Buffer.concat([Buffer.from('!'), big]))
  const summary = world.summary('sync', './data', 'Hawaii/Cola/bk1')
  expect(summary.bytesNew).toBeGreaterThan(0)
  expect(summary.bytesNew).toBeLessThan(MiB)
  expect(packBytes(world) - before).toBeLessThan(MiB)
})

test('a moved tree, and the same tree in another bucket, move no data', () => {
  const world = new World()
  for (let i = 0; i < 200; i++) world.write(`data/old/${i % 7}/${i}`, noise(i + 1, 2000 + i * 37))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk2')
  expect(world.summary('sync', './data', 'Hawaii/Cola/bk1').bytesNew).toBeGreaterThan(200 * 2000)
  mkdirSync(world.at('data/new'))
  renameSync(world.at('data/old'), world.at('data/new/place'))
  const moved = world.summary('sync', './data', 'Hawaii/Cola/bk1', '--delete', '--force')
  expect(moved).toMatchObject({ bytesNew: 0, deleted: expect.any(Number), published: expect.any(Number) })
  expect(moved.published).toBeGreaterThanOrEqual(200)
  expect(world.summary('sync', './data', 'Hawaii/Cola/bk2')).toMatchObject({ bytesNew: 0 })
  expect(world.efs('verify', 'Hawaii/Cola/bk1', 'Hawaii/Cola/bk2').status).toBe(0)
})

test('holes are neither stored nor written', () => {
  const world = new World()
  const size = 512 * MiB
  world.write('data/sparse', '')
  const { status } = world.run('truncate', '-s', String(size), './data/sparse')
  expect(status).toBe(0)
  world.run('dd', 'if=/dev/urandom', 'of=data/sparse', 'bs=1M', 'count=1', 'seek=300', 'conv=notrunc')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  expect(world.summary('sync', './data', 'Hawaii/Cola/bk1').bytesStored).toBeLessThan(2 * MiB)
  expect(world.efs('sync', 'Hawaii/Cola/bk1', './out').status).toBe(0)
  expect(world.run('cmp', 'data/sparse', 'out/sparse').status).toBe(0)
  expect(statSync(world.at('out/sparse')).blocks * 512).toBeLessThan(4 * MiB)
})

test('content that compresses is stored compressed, and content that does not is stored as it is', () => {
  const world = new World()
  writeFileSync(world.at('text'), 'all work and no play makes a dull day. '.repeat(100_000))
  world.write('noise', noise(9, 4 * MiB))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/noise', 'noise')
  const before = packBytes(world)
  expect(before).toBeLessThan(4.1 * MiB)
  world.efs('object', 'put', 'Hawaii/Cola/bk1/text', 'text')
  expect(packBytes(world) - before).toBeLessThan(200_000)
})

test('what a folder is given is counted as it is there: plain, and each file of it', () => {
  const world = new World()
  for (const name of ['data/one', 'data/two'])
    world.write(name, 'all work and no play makes a dull day. '.repeat(10_000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const inwards = world.summary('sync', './data', 'Hawaii/Cola/bk1')
  expect(inwards).toMatchObject({ bytesRead: 780_000, bytesNew: 390_000 })
  expect(inwards.bytesStored).toBeLessThan(10_000)
  mkdirSync(world.at('out'))
  const outwards = world.summary('sync', 'Hawaii/Cola/bk1', './out')
  expect(outwards).toMatchObject({ bytesNew: 780_000, bytesStored: 780_000 })
})

function packBytes(world: World): number {
  const { stdout } = world.run('du', '-sb', 'home/packs')
  return Number(stdout.split('\t', 1)[0])
}
