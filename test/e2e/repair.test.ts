import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { objectKey } from '../../src/model/key.js'
import { mint } from '../../src/model/manifest.js'
import { withSegment } from '../../src/store/segment.js'
import { OTHER } from '../contracts/index-under-test.js'
import { done, inlineFile } from '../contracts/samples.js'
import { prune } from '../store/rebuilding.js'
import { noise, World } from './world.js'

const BUCKETS = ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2']

/** Versions, a delete, links, holes, folders, a clone, a bucket whose name was used before, a conflict and a prune. */
async function livedIn(): Promise<World> {
  const world = new World()
  for (let i = 0; i < 30; i++) world.write(`data/${i % 3}/${i}`, i % 2 ? noise(i, 4000) : `text ${i} `.repeat(300))
  world.write('data/big', Buffer.concat([noise(99, 1_500_000), Buffer.alloc(500_000), noise(98, 1_000_000)]))
  world.write('data/tiny', 'inline')
  world.run('ln', '-s', 'big', 'data/link')
  world.run('mkdir', 'data/empty')
  for (const name of ['Hawaii/Cola/bk2', 'Hawaii/Cola/bk1']) world.efs('bucket', 'create', name)
  world.efs('bucket', 'delete', 'Hawaii/Cola/bk2')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk2', '-s', '8K', '-n', '7')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  for (const text of ['one', 'two']) {
    world.write('data/tiny', text)
    world.efs('object', 'put', 'Hawaii/Cola/bk1/tiny', 'data/tiny')
  }
  world.efs('object', 'clone', 'Hawaii/Cola/bk1/big', 'Hawaii/Cola/bk2/big')
  world.efs('object', 'move', 'Hawaii/Cola/bk1/0/0', 'Hawaii/Cola/bk1/moved')
  await withSegment(world.at('home'), { clock: systemClock }, async (segment) => {
    const named = segment.names.find('Hawaii/Cola/bk1')
    if (named === undefined) throw new Error('no bucket')
    const manifest = mint(inlineFile('of elsewhere'), [], OTHER, systemClock.nowMs())
    const stranger = { id: encodeManifest(manifest).id, manifest }
    await segment.versions.publish(named.uid, [done('2/2', stranger)], { overwrite: false })
    await prune(world.at('home'), segment, named.uid, objectKey('tiny'))
  })
  return world
}

const SHOWN = [
  'bucket list Hawaii/Cola',
  ...BUCKETS.flatMap((bucket) => [`bucket show ${bucket}`, `object list ${bucket} --deleted`]),
  ...['tiny', '0/0', '2/2'].map((key) => `object versions Hawaii/Cola/bk1/${key}`),
]

/** What the commands tell of the segment, as they print it. */
const printed = (world: World): string[] => SHOWN.map((line) => world.efs(...line.split(' '), '--json').stdout)

const forgetIndex = (world: World): void => {
  for (const name of ['index.mdb', 'index.mdb-lock']) rmSync(world.at('home', name), { force: true })
}

test('without its index a home comes back to the last byte of every listing', async () => {
  const world = await livedIn()
  const before = printed(world)
  expect(before.filter((text) => !text.startsWith('{') || text.startsWith('{"error"'))).toEqual([])
  expect(before[1]).toContain('"conflicts":1')
  forgetIndex(world)
  expect(world.efs('object', 'list', 'Hawaii/Cola/bk1')).toMatchObject({
    status: 9,
    stderr: expect.stringMatching(/ is missing\n {5}efs system check --repair makes it anew from the packs\n$/),
  })
  expect(world.efs('system', 'check', '--repair')).toEqual({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(/^✔ made the index anew: \d+ packs?, \d+ records, 2 buckets, \d+ versions\n$/),
  })
  expect(printed(world)).toEqual(before)
  expect(world.efs('system', 'check', '--read-data')).toMatchObject({ status: 0, stdout: '' })
  expect(world.efs('object', 'get', 'Hawaii/Cola/bk2/big', 'out').status).toBe(0)
  expect(readFileSync(world.at('out')).equals(readFileSync(world.at('data/big')))).toBe(true)
  const { stdout } = world.efs('system', 'check', '--repair', '--json')
  expect(
    stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual([expect.objectContaining({ type: 'summary', repaired: true, buckets: 2, damaged: 0, lost: 0 })])
}, 180_000)

test('an index that would end the process that reads it is made anew', () => {
  const world = new World()
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  truncateSync(world.at('home/index.mdb'), 8192)
  expect(world.efs('system', 'check', '--repair').status).toBe(0)
  expect(world.efs('bucket', 'list', 'Hawaii/Cola').stdout).toBe('bk1\n')
})

test('what a damaged pack has lost is named, and comes back with the next sync', () => {
  const world = new World()
  world.write('data/whole', noise(1, 5000))
  world.write('data/harmed', noise(2, 3_000_000))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  const [pack = ''] = readdirSync(world.at('home/packs'))
  const file = world.at('home/packs', pack)
  const bytes = readFileSync(file)
  const middle = statSync(file).size >> 1
  bytes.writeUInt8(bytes.readUInt8(middle) ^ 1, middle)
  writeFileSync(file, bytes)
  const { status, stdout, stderr } = world.efs('system', 'check', '--repair')
  expect(status).toBe(9)
  expect(stdout.split('\n')).toEqual([
    expect.stringMatching(`^${pack} at \\d+: \\d+ bytes are not a whole record$`),
    expect.stringMatching(
      /^version [0-9a-f]{16} of Hawaii\/Cola\/bk1\/harmed is lost: chunk [0-9a-f]{16} is not in any pack$/,
    ),
    '',
  ])
  expect(stderr).toMatch(/^✖ made the index anew: 1 pack, .*; 1 damage, 1 lost\n$/)
  expect(world.efs('object', 'list', 'Hawaii/Cola/bk1').stdout).toBe('whole\n')
  expect(world.summary('sync', './data', 'Hawaii/Cola/bk1')).toMatchObject({ published: 1 })
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1').status).toBe(0)
  expect(world.efs('system', 'check', '--repair').stdout).toMatch(/^\S+ at \d+: .*\n$/)
}, 120_000)

test('--repair and --read-data are not asked for together', () => {
  expect(new World().efs('system', 'check', '--repair', '--read-data').status).toBe(2)
})
