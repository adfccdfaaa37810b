import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

const MiB = 1024 * 1024

interface ObjectEvent {
  readonly type: string
  readonly key: string
  readonly status: string
}

/** Starts a sync, kills it after `events` objects were acknowledged, and gives their keys. */
async function killedAfter(world: World, events: number): Promise<Set<string>> {
  const acknowledged = new Set<string>()
  const child = world.start('sync', './data', 'Hawaii/Cola/bk1', '--json')
  const ended = once(child, 'exit')
  if (child.stdout === null) throw new Error('the child has no stdout')
  for await (const line of createInterface({ input: child.stdout })) {
    const event: ObjectEvent = JSON.parse(line)
    if (event.type === 'object' && event.status !== 'parked') acknowledged.add(event.key)
    if (acknowledged.size >= events) child.kill('SIGKILL')
  }
  await ended
  return acknowledged
}

test('a sync that is killed again and again loses nothing that it acknowledged and ends with a clean store', async () => {
  const world = new World()
  for (let i = 0; i < 3000; i++) world.write(`data/small/${i % 50}/${i}`, noise(i + 1, 500 + (i % 97) * 40))
  for (let i = 0; i < 4; i++) world.write(`data/big/${i}`, noise(9000 + i, 24 * MiB))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const all = new Set<string>()
  for (let round = 0; round < 10; round++) {
    for (const key of await killedAfter(world, 1 + round * 40)) all.add(key)
    const listed = new Set(world.efs('object', 'list', 'Hawaii/Cola/bk1').stdout.split('\n'))
    expect([...all].filter((key) => !key.endsWith('/') && !listed.has(key))).toEqual([])
  }
  expect(all.size).toBeGreaterThan(0)
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1')).toMatchObject({ status: 0 })
  expect(world.efs('system', 'check', '--read-data')).toMatchObject({ status: 0, stdout: '' })
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1').status).toBe(0)
})

test('what a killed sync wrote is not written again', async () => {
  const world = new World()
  world.write('data/big', noise(77, 192 * MiB))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const child = world.start('sync', './data', 'Hawaii/Cola/bk1')
  const ended = once(child, 'exit')
  while (packBytes(world) < 40 * MiB) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGKILL')
  await ended
  const there = packBytes(world)
  expect(there).toBeGreaterThan(40 * MiB)
  const { bytesNew } = world.summary('sync', './data', 'Hawaii/Cola/bk1')
  expect(bytesNew).toBeLessThanOrEqual(192 * MiB - there * 0.98)
  expect(packBytes(world)).toBeLessThan(192 * MiB * 1.02)
  expect(world.efs('system', 'check', '--read-data').status).toBe(0)
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1').status).toBe(0)
})

test('Ctrl-C keeps what is done and ends with 130', async () => {
  const world = new World()
  for (let i = 0; i < 4; i++) world.write(`data/${i}`, noise(i + 1, 64 * MiB))
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const child = world.start('sync', './data', 'Hawaii/Cola/bk1')
  const ended = once(child, 'exit')
  let said = ''
  child.stderr?.on('data', (piece: Buffer) => {
    said += piece
  })
  while (packBytes(world) < 8 * MiB) await new Promise((resolve) => setTimeout(resolve, 5))
  child.kill('SIGINT')
  expect((await ended)[0]).toBe(130)
  expect(said).toBe('efs: interrupted\n     what was done is kept; run it again to go on\n')
  expect(world.efs('system', 'check', '--read-data').status).toBe(0)
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1').status).toBe(0)
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1').status).toBe(0)
})

function packBytes(world: World): number {
  const { stdout } = world.run('du', '-sb', 'home/packs')
  return Number(stdout.split('\t', 1)[0])
}
