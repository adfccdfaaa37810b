import { linkSync, realpathSync, statSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { directoryEndpoint } from '../../src/endpoints/directory/endpoint.js'
import { plainOf } from '../../src/model/chunk.js'
import type { Parcel } from '../../src/model/endpoint.js'
import { createStats } from '../../src/stats/counters.js'
import { emptyFolder, makeFile } from './folders.js'
import { asked, HOW, listAll } from './reading.js'

const open = (folder: string, missing?: 'made' | 'empty') =>
  directoryEndpoint(folder, { clock: systemClock, stats: createStats(), missing })

test('what is missing or no folder is told by its code', async () => {
  const root = emptyFolder()
  makeFile(root, 'file')
  await expect(open(path.join(root, 'missing'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(open(path.join(root, 'file'))).rejects.toMatchObject({ code: 'USAGE' })
  await expect(open(path.join(root, 'file'), 'made')).rejects.toMatchObject({ code: 'USAGE' })
  await expect(open(path.join(root, 'no/parent'), 'made')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await (await open(path.join(root, 'made'), 'made')).close()
  expect(statSync(path.join(root, 'made')).isDirectory()).toBe(true)
})

test('a folder is the same by every path to it', async () => {
  const root = emptyFolder()
  const link = path.join(emptyFolder(), 'link')
  symlinkSync(root, link)
  const [direct, linked] = [await open(root), await open(link)]
  expect(linked.identity).toBe(direct.identity)
  expect(direct.identity).toBe(`dir:${realpathSync(root)}`)
  expect(linked.label).toBe(link)
})

test('what the last listing left out is told', async () => {
  const root = emptyFolder()
  linkSync(makeFile(root, 'a'), path.join(root, 'b'))
  const endpoint = await open(root)
  for (let turn = 0; turn < 2; turn++) {
    const keys: string[] = []
    for await (const page of endpoint.source.list({}, () => undefined)) keys.push(...page.map(({ key }) => key))
    expect(keys).toEqual(['/', 'a', 'b'])
    expect(endpoint.notKept()).toContainEqual({ what: 'hard links', count: 2, first: 'a' })
  }
})

test('closing ends workers whose parcels were never released', async () => {
  const root = emptyFolder()
  makeFile(root, 'a', 'some bytes '.repeat(100))
  const endpoint = await open(root)
  const held: Parcel[] = []
  for await (const parcel of endpoint.source.read(asked((await listAll(root)).rows), HOW)) held.push(parcel)
  const [parcel] = held
  const refs = parcel?.slices.map(({ ref }) => ref) ?? []
  expect((await parcel?.load(refs))?.map((chunk) => plainOf(chunk).length)).toEqual([1100])
  await endpoint.close()
  await expect(parcel?.load(refs)).rejects.toMatchObject({ code: 'INTERRUPTED' })
})
