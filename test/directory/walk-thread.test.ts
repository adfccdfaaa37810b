import { linkSync, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { listDirectory } from '../../src/endpoints/directory/listing.js'
import { Losses } from '../../src/endpoints/directory/losses.js'
import type { ListOptions } from '../../src/model/endpoint.js'
import { objectKey } from '../../src/model/key.js'
import { emptyFolder, run } from './folders.js'
import { listAll } from './reading.js'

const HERE = LIMITS.walkHerePagesMax * LIMITS.pageRowsMax

/** More than one thread looks at, with folders in folders where the other one takes over, and what is left out before and after. */
function largeFolder(): string {
  const root = emptyFolder()
  const folders = ['a', 'm/inner/deep', 'm/other', 'z']
  for (const folder of folders) mkdirSync(path.join(root, folder), { recursive: true })
  for (let i = 0; i < HERE; i++) writeFileSync(path.join(root, folders[i % 4] ?? '', `file ${i}`), 'x')
  for (let i = 0; i < 500; i++) writeFileSync(path.join(root, 'm/inner/deep', `\u00e4-${i}`), 'yy')
  for (const folder of folders) {
    const at = path.join(root, folder)
    run('mkfifo', path.join(at, 'fifo'))
    linkSync(path.join(at, 'fifo'), path.join(at, 'fifo 2'))
    writeFileSync(path.join(at, 'one'), '')
    linkSync(path.join(at, 'one'), path.join(at, 'two'))
    writeFileSync(Buffer.concat([Buffer.from(`${at}/`), Buffer.from([0x66, 0xff])]), '')
    writeFileSync(path.join(at, 'back\\slash'), '')
  }
  return root
}

const told = async (root: string, options: ListOptions) => {
  const { rows, parked, losses, pages } = await listAll(root, options)
  return {
    rows: rows.map(({ seen, ...row }) => ({ ...row, seen: seen && { ...seen, takenMs: 0 } })),
    parked,
    losses: losses.list(),
    pages,
  }
}

test('a large folder is listed as one thread alone lists it, whole or from a place on', async () => {
  const root = largeFolder()
  const cases: ListOptions[] = [
    {},
    { prefix: 'm/in' },
    { after: objectKey('a/one') },
    { prefix: 'm/', after: objectKey('m/inner/deep/file 6') },
  ]
  for (const options of cases) {
    const alone = await told(root, { ...options, skips: () => false })
    expect(await told(root, options)).toEqual(alone)
    expect(alone.parked.length).toBeGreaterThan(0)
  }
  const all = await told(root, {})
  expect(all.rows.length).toBeGreaterThan(HERE)
  expect(all.losses).toContainEqual({ what: 'special files', count: 8, first: 'a/fifo' })
  expect(all.losses).toContainEqual({ what: 'hard links', count: 8, first: 'a/one' })
})

/** A thread that runs holds a port. */
const threads = (): number => process.getActiveResourcesInfo().filter((name) => name === 'MessagePort').length

test('who stops in between, or is stopped, leaves no thread behind', async () => {
  const root = largeFolder()
  const before = threads()
  const stop = new AbortController()
  const context = { root, clock: systemClock, losses: new Losses(), parked: () => undefined }
  const readPast = async (ended: () => void): Promise<void> => {
    let rows = 0
    for await (const page of listDirectory(context, { signal: stop.signal })) {
      rows += page.length
      if (rows <= HERE) continue
      expect(threads()).toBe(before + 1)
      ended()
      if (!stop.signal.aborted) break
    }
  }
  await readPast(() => undefined)
  expect(threads()).toBe(before)
  await expect(readPast(() => stop.abort(new Error('enough')))).rejects.toThrow('enough')
  expect(threads()).toBe(before)
})
