import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const BUCKET = 'Hawaii/Cola/bk1'

test('a side that is no address is told as one, whatever its length, and what cannot be seen of it is quoted', () => {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  mkdirSync(world.at('photos'))
  const first = (side: string): unknown => {
    const { status, stderr } = world.efs('sync', './photos', side)
    return [status, stderr.split('\n', 1)[0]]
  }
  expect(first('')).toEqual([2, 'efs: not an address: "" (a bucket has three parts, Hawaii/Cola/bk1)'])
  expect(first(`${BUCKET} `)).toEqual([
    2,
    `efs: not an address: "${BUCKET} " (it holds a space or a control character)`,
  ])
  const long = 'x'.repeat(300)
  expect(first(`${long}/Cola/bk1`)).toEqual([
    2,
    `efs: not an address: ${long}/Cola/bk1 (a part of it is longer than 255 bytes)`,
  ])
  expect(first('photos')).toEqual([2, 'efs: photos is a folder, not a bucket'])
})

test('a pairing that is refused leaves no service behind', () => {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  const pair = (...flags: string[]) => world.efs('gateway', 'pair', '--no-start', '--local', '127.0.0.1:1', ...flags)
  expect(pair('--bucket', BUCKET, '--host', 'a b')).toMatchObject({
    status: 2,
    stderr: expect.stringMatching(/^efs: not a host: a b\n/),
  })
  for (const none of ['', 'Hawaii'])
    expect(pair('--bucket', none)).toEqual({
      status: 2,
      stdout: '',
      stderr: `efs: not the name of a bucket or a tenant: "${none}"\n     write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1\n`,
    })
  expect(world.efs('service', 'list').stdout).toBe('')
  expect(pair('--bucket', BUCKET).status).toBe(0)
})
