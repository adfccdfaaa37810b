import { expect, test } from 'vitest'
import { World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'

test('options stay where content comes from a directory, which has none to tell of; whoever makes another of a version makes it whole', () => {
  const world = new World()
  world.efs('bucket', 'create', BUCKET)
  const options = (key = 'a'): unknown =>
    (world.json('object', 'show', `${BUCKET}/${key}`) as { options: unknown }).options
  const given = { 'X-Content-Type': 'text/html' }
  world.write('in/a', 'one')
  const put = (...flags: string[]): void => {
    expect(world.efs('object', 'put', `${BUCKET}/a`, 'in/a', ...flags).status).toBe(0)
  }
  const sync = (): void => expect(world.efs('sync', './in', BUCKET)).toMatchObject({ status: 0 })
  put('-o', 'Content-Type=text/html')
  sync()
  expect(options()).toEqual(given)
  world.write('in/a', 'another')
  sync()
  expect(options()).toEqual(given)
  put()
  expect(options()).toEqual({})
  const [, before, first] = world
    .efs('object', 'versions', `${BUCKET}/a`)
    .stdout.split('\n')
    .map((line) => line.split(' ', 1)[0] ?? '')
  const restore = (version = ''): void =>
    expect(world.efs('object', 'restore', `${BUCKET}/a`, '--version', version)).toMatchObject({ status: 0 })
  restore(before)
  expect(options()).toEqual(given)
  world.efs('object', 'clone', `${BUCKET}/a`, `${BUCKET}/b`)
  expect(options('b')).toEqual(given)
  put()
  world.efs('object', 'clone', `${BUCKET}/a`, `${BUCKET}/b`, '--force')
  expect(options('b')).toEqual({})
  restore(first)
  expect(options()).toEqual(given)
})
