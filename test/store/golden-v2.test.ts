import { cpSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { withSegment } from '../../src/store/segment.js'
import { folder } from './homes.js'
import { asFixture } from './make-golden.js'
import { forgetIndex, rebuilt, told, toldAt } from './rebuilding.js'

const FIXTURE = 'test/fixtures/home/v2'
const TOLD: unknown = JSON.parse(readFileSync(`${FIXTURE}-told.json`, 'utf8'))

test('a home of index format 2 opens, tells and checks as on the day it was written', async () => {
  const home = `${await folder()}/home`
  cpSync(FIXTURE, home, { recursive: true })
  await withSegment(home, { clock: systemClock }, async (segment) => {
    expect(asFixture(await told(segment))).toEqual(TOLD)
    expect((await segment.check({ readData: true })).damage).toEqual([])
  })
})

test('its packs tell all of it', async () => {
  const home = `${await folder()}/home`
  cpSync(FIXTURE, home, { recursive: true })
  await forgetIndex(home)
  expect((await rebuilt(home)).findings).toEqual([])
  expect(asFixture(await toldAt(home))).toEqual(TOLD)
})
