import { mkdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from './world.js'

function filled(objects: number): World {
  const world = new World()
  for (let i = 0; i < objects; i++) world.write(`data/${i}`, `file ${i}`)
  world.run('bash', '-c', 'touch -d 2026-01-01 data/*')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1').status).toBe(0)
  return world
}

const objects = (world: World): number => world.efs('object', 'list', 'Hawaii/Cola/bk1').stdout.split('\n').length - 1

test('an empty source with --delete is refused, nothing is deleted, and the message says how to insist', () => {
  const world = filled(30)
  mkdirSync(world.at('empty'))
  const { status, stderr, stdout } = world.efs('sync', './empty', 'Hawaii/Cola/bk1', '--delete')
  expect(status).toBe(6)
  expect(stdout).toBe('')
  expect(stderr).toBe(
    'efs: stopped by the guard: the source is empty and 30 objects would be deleted\n     if that is meant: --force, or --max-delete 100%\n',
  )
  expect(objects(world)).toBe(30)
  expect(world.efs('sync', './empty', 'Hawaii/Cola/bk1').status).toBe(0)
  expect(objects(world)).toBe(30)
  expect(world.efs('sync', './empty', 'Hawaii/Cola/bk1', '--delete', '--max-delete', '100%').status).toBe(0)
  expect(objects(world)).toBe(0)
})

test('more than half of more than a hundred objects is refused, half is not', () => {
  const world = filled(120)
  for (let i = 0; i < 61; i++) rmSync(world.at(`data/${i}`))
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1', '--delete').status).toBe(6)
  expect(objects(world)).toBe(120)
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1', '--delete', '--max-delete', '60').status).toBe(6)
  expect(objects(world)).toBe(120)
  expect(world.efs('sync', './data', 'Hawaii/Cola/bk1', '--delete', '--max-delete', '61').status).toBe(0)
  expect(objects(world)).toBe(59)
})

test('--force has no guard', () => {
  const world = filled(3)
  mkdirSync(world.at('empty'))
  expect(world.efs('sync', './empty', 'Hawaii/Cola/bk1', '--delete', '--force').status).toBe(0)
  expect(objects(world)).toBe(0)
})

test('a dry run prints the plan and does nothing', () => {
  const world = filled(3)
  world.write('data/new', 'x')
  rmSync(world.at('data/1'))
  const { status, stdout } = world.efs('sync', './data', 'Hawaii/Cola/bk1', '--delete', '--dry-run')
  expect(status).toBe(0)
  expect(stdout).toBe('delete 6 1\nput <=1 new\n')
  expect(world.efs('plan', './data', 'Hawaii/Cola/bk1', '--delete').stdout).toBe(stdout)
  expect(objects(world)).toBe(3)
})

test('a folder that cannot be opened deletes nothing below it', () => {
  const world = new World()
  for (let i = 0; i < 5; i++) world.write(`data/closed/${i}`, `file ${i}`)
  world.write('data/open', 'x')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('sync', './data', 'Hawaii/Cola/bk1')
  world.run('chmod', '000', 'data/closed')
  const { status, stderr } = world.efsUnprivileged('sync', './data', 'Hawaii/Cola/bk1', '--delete', '--force')
  world.run('chmod', '755', 'data/closed')
  expect(status).toBe(4)
  expect(stderr).toContain('closed/')
  expect(objects(world)).toBe(6)
})
