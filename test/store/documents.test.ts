import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import type { Documents } from '../../src/model/documents.js'
import { openSegment } from '../../src/store/segment.js'
import { home } from './homes.js'

interface Opened {
  readonly where: string
  readonly folder: string
  readonly services: Documents
}

async function opened(): Promise<Opened> {
  const where = await home()
  const segment = await openSegment(where, { clock: systemClock })
  onTestFinished(() => segment.close())
  return { where, folder: path.join(where, 'services'), services: segment.services }
}

const to = (after: string | undefined) => () => ({ after, result: undefined })

test('the folder is made with the first text; only whole texts are listed, in byte order', async () => {
  const { folder, services } = await opened()
  expect(services.names()).toEqual([])
  expect(services.read('b')).toBeUndefined()
  expect(existsSync(folder)).toBe(false)
  for (const name of ['b', 'é', 'Z', 'a']) await services.change(name, to(`text of ${name}`))
  writeFileSync(path.join(folder, 'c.json.0.partial'), 'cut')
  expect(services.names()).toEqual(['Z', 'a', 'b', 'é'])
  expect(services.read('a')).toBe('text of a')
})

test('a change sees what is there, gives what it came to, and leaves nothing else behind', async () => {
  const { folder, services } = await opened()
  await services.change('a', to('one'))
  expect(await services.change('a', (before) => ({ after: `${before} two`, result: before }))).toBe('one')
  expect(services.read('a')).toBe('one two')
  await services.change('a', to(undefined))
  await services.change('a', to(undefined))
  expect(services.read('a')).toBeUndefined()
  expect(readdirSync(folder)).toEqual([])
})

test('a change that throws changes nothing', async () => {
  const { folder, services } = await opened()
  await services.change('a', to('one'))
  const refused = new EfsError('EXISTS', 'a is there')
  const changing = services.change('a', () => {
    throw refused
  })
  await expect(changing).rejects.toBe(refused)
  expect(services.read('a')).toBe('one')
  expect(readdirSync(folder)).toEqual(['a.json'])
})

for (const [what, meanwhile, expected] of [
  ['writes it', (file: string) => writeFileSync(file, 'theirs'), 'theirs + mine'],
  ['deletes it', (file: string) => rmSync(file), 'undefined + mine'],
] as const) {
  test(`where another process ${what} in between, the change is made on top of that`, async () => {
    const { folder, services } = await opened()
    await services.change('a', to('first'))
    const seen: (string | undefined)[] = []
    await services.change('a', (before) => {
      seen.push(before)
      if (seen.length === 1) meanwhile(path.join(folder, 'a.json'))
      return { after: `${before} + mine`, result: undefined }
    })
    expect(seen).toHaveLength(2)
    expect(services.read('a')).toBe(expected)
    expect(readdirSync(folder)).toEqual(['a.json'])
  })
}
