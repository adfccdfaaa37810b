import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { openSegment } from '../../src/store/segment.js'
import { World } from './world.js'

const [A, B] = ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2']

async function checkpoints(world: World): Promise<string[]> {
  const segment = await openSegment(world.at('home'), { clock: systemClock })
  const [a, b] = [A, B].map((path) => segment.names.find(path)?.uid)
  try {
    if (a === undefined || b === undefined) return []
    return ['sync', 'sync-own'].map((name) =>
      JSON.stringify(segment.versions.checkpoint(b, `${name}:${segment.guid}:${a}:delete`)),
    )
  } finally {
    await segment.close()
  }
}

test('two buckets that stand where they stood are settled; whatever changes at either side is seen and put right', async () => {
  const world = new World()
  for (const bucket of [A, B]) expect(world.efs('bucket', 'create', bucket, '--parents').status).toBe(0)
  for (const name of ['x', 'y', 'z']) world.write(`in/${name}`, `this is ${name}`)
  world.efs('sync', './in', A)
  const run = (): Record<string, unknown> => world.summary('sync', A, B, '--delete', '--force')
  const nothing = { files: 3, published: 0, deleted: 0 }
  expect(run()).toMatchObject({ files: 3, published: 3 })
  expect(await checkpoints(world)).toEqual([undefined, undefined])
  expect(run()).toMatchObject(nothing)
  const settled = await checkpoints(world)
  expect(settled).not.toContain(undefined)
  expect(run()).toMatchObject(nothing)
  expect(await checkpoints(world)).toEqual(settled)

  expect(world.efs('object', 'delete', `${B}/x`).status).toBe(0)
  expect(run()).toMatchObject({ published: 1 })
  expect(run()).toMatchObject(nothing)
  expect(world.efs('object', 'delete', `${B}/y`, '--expunge').status).toBe(0)
  expect(run()).toMatchObject({ published: 1 })
  expect(run()).toMatchObject(nothing)
  expect(world.efs('object', 'delete', `${A}/z`, '--expunge').status).toBe(0)
  expect(run()).toMatchObject({ deleted: 1 })
  expect(world.efs('verify', A, B).status).toBe(0)
})

test('where all that was new was left out, and where only a run can tell what differs, that is said', () => {
  const world = new World()
  expect(world.efs('bucket', 'create', A, '--parents').status).toBe(0)
  world.write('in/x', 'x')
  world.run('touch', '-d', '2020-01-01', 'in/x')
  world.efs('sync', './in', A)
  const { status, stdout, stderr } = world.efs('sync', './in', A, '--checksum', '--dry-run')
  expect([status, stdout]).toEqual([0, 'put <=1 x\n'])
  expect(stderr).toContain('\n--checksum reads all of these, and puts those that differ\n')
  expect(world.efs('sync', './in', A, '--dry-run').stderr).toBe('nothing to do\n')
  world.run('bash', '-c', ": > $'in/bad\\xff'")
  expect(world.efs('sync', './in', A)).toMatchObject({
    status: 4,
    stderr: expect.stringMatching(/\n✖ nothing changed, 1 object left out: 1 file looked at, none read, in \S+ s\n$/),
  })
})
