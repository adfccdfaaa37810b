import { execFile } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { s3Store } from '../../src/endpoints/s3/store.js'
import { segmentGuid } from '../../src/model/ids.js'
import type { ObjectStore } from '../../src/model/object-store.js'
import { noise } from '../chunker/bytes.js'
import { liveRolesContract } from '../contracts/live-roles.js'
import { folder } from '../store/homes.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { bucketIn, openObjects } from './object-segments.js'

const run = promisify(execFile)
const EFS = path.resolve('bin/efs.js')

let ceph: Ceph
let nth = 0
const open: ObjectStore[] = []

beforeAll(async () => {
  ceph = await startCeph()
  await ceph.makeBucket('segments')
}, 200_000)
afterAll(async () => {
  for (const store of open) store.close()
  await ceph.end()
})

/** A place of its own. */
async function store(prefix = `${nth++}/`): Promise<ObjectStore> {
  const made = await s3Store({ access: ceph.access, bucket: 'segments', prefix })
  open.push(made)
  return made
}

liveRolesContract('a segment of objects in Ceph', async () => {
  const segment = await openObjects(await store())
  onTestFinished(() => segment.close())
  return { bucket: await bucketIn(segment), us: segmentGuid('cd'.repeat(16)) }
})

const efs = (home: string, ...args: string[]) =>
  run(process.execPath, [EFS, '--home', home, ...args], { env: { ...process.env, ...ceph.env } })

test('two machines push the same at once: it is stored once; a third, with nothing but its credentials, pulls it', async () => {
  const dir = await folder()
  const from = path.join(dir, 'from')
  await mkdir(path.join(from, 'sub'), { recursive: true })
  const size = 24 << 20
  await writeFile(path.join(from, 'big'), noise(7, size))
  await writeFile(path.join(from, 'sub', 'small'), 'small')
  const place = 's3+segment://segments/shared'
  const homes = ['a', 'b', 'c'].map((name) => path.join(dir, name))
  for (const home of homes) await efs(home, 'bucket', 'create', 'Hawaii/Cola/bk1')
  await Promise.all(homes.slice(0, 2).map((home) => efs(home, 'sync', from, `${place}#Hawaii/Cola/bk1`)))
  let stored = 0
  for await (const page of (await store('shared/')).list({ prefix: 'packs/' }))
    stored += page.reduce((sum, object) => sum + object.size, 0)
  expect(stored).toBeGreaterThan(size)
  expect(stored).toBeLessThan(size * 1.1)
  const [, , third = ''] = homes
  await efs(third, 'sync', place, 'Hawaii/Cola/bk1')
  await efs(third, 'verify', 'Hawaii/Cola/bk1', place)
  const to = path.join(dir, 'to')
  await efs(third, 'sync', 'Hawaii/Cola/bk1', to)
  expect((await readFile(path.join(to, 'big'))).equals(noise(7, size))).toBe(true)
  expect(await readFile(path.join(to, 'sub', 'small'), 'utf8')).toBe('small')
  const again = await efs(third, 'sync', '--dry-run', '--json', 'Hawaii/Cola/bk1', place)
  expect(again.stdout).toContain('"puts":0')
})

test('what is not there is told', async () => {
  const home = path.join(await folder(), 'home')
  await efs(home, 'bucket', 'create', 'Hawaii/Cola/bk1')
  const nothing = efs(home, 'sync', 's3+segment://segments/nothing', 'Hawaii/Cola/bk1')
  await expect(nothing).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('no segment in') })
  await efs(home, 'sync', 'Hawaii/Cola/bk1', 's3+segment://segments/something')
  const other = efs(home, 'verify', 'Hawaii/Cola/bk1', 's3+segment://segments/something#Hawaii/Cola/other')
  await expect(other).rejects.toMatchObject({ code: 3, stderr: expect.stringContaining('there is Hawaii/Cola/bk1') })
})
