import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { DeleteObjectsCommand, ListObjectsV2Command } from '@aws-sdk/client-s3'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { noise, World } from './world.js'

const BUCKET = 'Hawaii/Cola/bk1'
let ceph: Ceph
let nth = 0

beforeAll(async () => {
  ceph = await startCeph()
}, 200_000)
afterAll(() => ceph.end())

/** A folder, what was made of it in S3, and homes of people who share nothing but S3. */
class Scene {
  readonly world = new World({ ...ceph.env })
  readonly bucket = `gone-${nth++}`
  readonly place = `s3+segment://${this.bucket}/hawaii`
  readonly archive = `${this.place}#${BUCKET}`
  readonly data = this.world.at('data')

  static async make(): Promise<Scene> {
    const scene = new Scene()
    await ceph.makeBucket(scene.bucket)
    mkdirSync(scene.data)
    return scene
  }

  write(name: string, bytes: Buffer | string): void {
    writeFileSync(this.world.at('data', name), bytes)
  }

  at(home: string, ...args: string[]) {
    return this.world.efs('--home', this.world.at(home), ...args)
  }

  ok(home: string, ...args: string[]) {
    const ended = this.at(home, ...args)
    expect([ended.status, ended.stderr]).toEqual([0, expect.anything()])
    return ended
  }

  home(name: string): string {
    this.ok(name, 'bucket', 'create', BUCKET)
    return name
  }

  async packs(): Promise<string[]> {
    const { Contents = [] } = await ceph.client.send(
      new ListObjectsV2Command({ Bucket: this.bucket, Prefix: 'hawaii/packs/' }),
    )
    return Contents.flatMap(({ Key }) => Key ?? [])
  }

  async lose(keys: readonly string[]): Promise<void> {
    const Objects = keys.map((Key) => ({ Key }))
    await ceph.client.send(new DeleteObjectsCommand({ Bucket: this.bucket, Delete: { Objects } }))
  }
}

const CANNOT = (name: string) =>
  expect.stringMatching(new RegExp(`^efs: cannot tell about ${name}: packs/[0-9a-f]{32} is gone from s3://gone-`))

const linesOf = (text: string): string[] => text.trimEnd().split('\n')

test('packs that somebody deleted: verify names what they were of, nothing is deleted for it, and the same push heals', async () => {
  const scene = await Scene.make()
  scene.write('large', noise(1, 3_000_000))
  scene.write('small', noise(2, 50_000))
  scene.write('tiny', 'tiny')
  const [a, b] = [scene.home('a'), scene.home('b')]
  scene.ok(a, 'sync', scene.data, scene.archive)
  scene.ok(b, 'sync', scene.archive, BUCKET)
  expect(scene.ok(b, 'verify', BUCKET, scene.archive).stderr).toMatch(/^✔ equal: 3 objects/)
  await scene.lose(await scene.packs())

  const c = scene.home('c')
  const told = [CANNOT('large'), CANNOT('small'), '✖ no difference found, but 2 objects could not be read']
  for (const [home, side] of [
    [a, scene.data],
    [b, BUCKET],
    [c, scene.data],
  ] as const) {
    const { status, stdout, stderr } = scene.at(home, 'verify', side, scene.archive)
    expect([status, stdout, linesOf(stderr)]).toEqual([4, '', told])
  }
  const filtered = scene.at(a, 'verify', scene.data, scene.archive, '--exclude', 'large')
  expect([filtered.status, linesOf(filtered.stderr)[0]]).toEqual([4, CANNOT('small')])
  expect(scene.ok(a, 'verify', scene.data, scene.archive, '--include', 'tiny', '--exclude', '*').stderr).toMatch(/^✔ /)

  scene.ok(b, 'sync', scene.archive, BUCKET, '--delete', '--force')
  expect(scene.ok(b, 'verify', scene.data, BUCKET).stderr).toMatch(/^✔ equal: 3 objects/)
  scene.ok(c, 'sync', scene.data, BUCKET)
  scene.ok(c, 'sync', scene.archive, BUCKET, '--delete', '--force')
  expect(scene.ok(c, 'verify', scene.data, BUCKET).stderr).toMatch(/^✔ equal: 3 objects/)

  expect(linesOf(scene.ok(a, 'plan', scene.data, scene.archive).stdout)).toEqual([
    'put <=3000000 large',
    'put <=50000 small',
  ])
  expect(scene.ok(a, 'sync', scene.data, scene.archive).stderr).toMatch(/^✔ 3 files, .* read, 2\.\d+ MiB new/)
  expect(scene.ok(a, 'sync', scene.data, scene.archive).stderr).toMatch(/^✔ nothing changed/)
  for (const home of [a, b, c, scene.home('d')]) {
    expect(scene.ok(home, 'verify', scene.data, scene.archive).stderr).toMatch(/^✔ equal: 3 objects/)
    const out = scene.world.at(`out-${home}`)
    scene.ok(home, 'sync', scene.archive, out)
    expect(scene.ok(home, 'verify', out, scene.archive).stderr).toMatch(/^✔ equal: 3 objects/)
    expect(readFileSync(`${out}/large`).equals(noise(1, 3_000_000))).toBe(true)
  }
})

test('a bucket that both sides had agreed on is pushed again below a prefix and as a whole, in other pieces than before', async () => {
  const scene = await Scene.make()
  scene.write('large', noise(1, 3_000_000))
  const [a, b] = [scene.home('a'), scene.home('b')]
  scene.ok(b, 'bucket', 'set', BUCKET, '--chunk-size', '64K')
  for (const home of [a, b]) scene.ok(home, 'sync', scene.data, `${BUCKET}/p/`)
  const heal = async (home: string, ...sides: [from: string, to: string]) => {
    scene.ok(home, 'sync', ...sides)
    scene.ok(home, 'sync', ...sides)
    await scene.lose(await scene.packs())
    expect(scene.at(home, 'verify', ...sides).status).toBe(4)
    scene.ok(home, 'sync', ...sides)
    scene.ok(home, 'verify', ...sides)
    const out = scene.world.at(`out-${home}-${nth++}`)
    scene.ok(scene.home(`reader-${nth++}`), 'sync', `${scene.archive}/p/`, out)
    expect(readFileSync(`${out}/large`).equals(noise(1, 3_000_000))).toBe(true)
  }
  await heal(a, BUCKET, scene.archive)
  await heal(b, `${BUCKET}/p/`, `${scene.archive}/p/`)
  await heal(b, BUCKET, scene.archive)
})
