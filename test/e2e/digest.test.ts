import { expect, test } from 'vitest'
import { noise, World } from './world.js'

function twoSegments(): World {
  const world = new World()
  for (let i = 0; i < 300; i++) world.write(`data/${i % 9}/${i}`, noise(i + 1, 100 + i * 300))
  world.run('ln', '-s', '../target', 'data/link')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1', '-s', '8K')
  world.efs('--home', world.at('other'), 'bucket', 'create', 'Maui/Cola/bk9', '-s', '1M')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  world.efs('--home', world.at('other'), 'sync', './data', 'Maui/Cola/bk9')
  return world
}

const far = (world: World): string => `segment:${world.at('other')}#Maui/Cola/bk9`

test('two segments that took the same folder in with different chunk sizes have equal digests', () => {
  const world = twoSegments()
  const here = world.json('bucket', 'show', 'Hawaii/Cola/bk1')
  const there = world.json('--home', world.at('other'), 'bucket', 'show', 'Maui/Cola/bk9')
  const digest = expect.stringMatching(/^[0-9a-f]{64}$/)
  expect(here).toMatchObject({ digest, digestFull: digest })
  expect(there).toMatchObject({ digest: Object(here).digest, digestFull: Object(here).digestFull })
  const { status, stdout, stderr } = world.efs('verify', 'Hawaii/Cola/bk1', far(world))
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' })
  expect(stderr).toMatch(/^✔ equal: 301 objects, .*, digest [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} [0-9a-f]{4} …\n$/)
})

test('after one changed byte verify names that object, on buckets and on directories', () => {
  const world = twoSegments()
  world.run('dd', 'if=/dev/zero', 'of=data/4/76', 'bs=1', 'count=1', 'seek=777', 'conv=notrunc')
  expect(world.efs('verify', './data', 'Hawaii/Cola/bk1')).toMatchObject({
    status: 1,
    stdout: 'differs: 4/76 (content)\n',
  })
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  const { status, stdout, stderr } = world.efs('verify', 'Hawaii/Cola/bk1', far(world))
  expect({ status, stdout, stderr }).toEqual({
    status: 1,
    stdout: 'differs: 4/76 (content)\n',
    stderr: '✖ 1 difference\n',
  })
  world.efs('object', 'delete', 'Hawaii/Cola/bk1/5/77')
  world.write('extra', 'x')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/zz', 'extra')
  const more = world.efs('verify', 'Hawaii/Cola/bk1', far(world))
  expect(more.status).toBe(1)
  expect(more.stdout).toBe('differs: 4/76 (content)\nonly in B: 5/77\nonly in A: zz\n')
})

test('only metadata that differs is found with --metadata', () => {
  const world = twoSegments()
  world.run('chmod', '600', 'data/4/76')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  expect(world.efs('verify', 'Hawaii/Cola/bk1', far(world)).status).toBe(0)
  const { status, stdout } = world.efs('verify', '--metadata', 'Hawaii/Cola/bk1', far(world))
  expect({ status, stdout }).toEqual({ status: 1, stdout: 'differs: 4/76 (metadata)\n' })
  expect(world.efs('verify', '--strict', 'Hawaii/Cola/bk1', far(world)).status).toBe(0)
})
