import { cpSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { checkToken } from '../../src/app/peers/access.js'
import { changeGiven, readGiven, takeBack } from '../../src/app/peers/given.js'
import { createPairing, spendPairing } from '../../src/app/peers/pairing.js'
import { credentialOf } from '../../src/app/peers/tokens.js'
import { systemClock } from '../../src/base/clock.js'
import { LIMITS } from '../../src/base/limits.js'
import { isOneTime } from '../../src/model/pairing-url.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'
import { HandClock } from '../contracts/samples.js'
import { folder } from '../store/homes.js'
import { GRANTS, GUEST, host, MARK, OTHER, START_MS } from './hosts.js'

const MINUTE_MS = 60_000

function pairing(segment: Segment, clock = new HandClock(START_MS)) {
  const offer = { grants: GRANTS, service: 'pair-in', fingerprint: MARK, clock }
  return {
    clock,
    create: (more = {}) => createPairing(segment, { ...offer, ...more }),
    spend: (oneTime: string, more = {}) =>
      spendPairing(segment, { oneTime, guest: GUEST, fingerprint: MARK, clock, ...more }),
  }
}

const fileOf = ({ home }: Segment): string => path.join(home, 'peers/given.json')

test('a one-time token becomes a credential with its rights, for its guest alone', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const { oneTime, expiresMs } = await create()
  expect(isOneTime(oneTime)).toBe(true)
  expect(expiresMs).toBe(START_MS + 15 * MINUTE_MS)
  const { token, grants } = await spend(oneTime)
  expect(grants).toEqual(GRANTS)
  expect(checkToken(segment, token, GUEST)).toEqual({ service: 'pair-in', grants: GRANTS })
  expect(checkToken(segment, token, OTHER)).toBeUndefined()
  expect(checkToken(segment, `${token.slice(0, -1)}!`, GUEST)).toBeUndefined()
  expect(checkToken(segment, oneTime, GUEST)).toBeUndefined()
  expect(checkToken(segment, readGiven(segment).credentials[0]?.hash ?? '', GUEST)).toBeUndefined()
})

test('what was given out for a service goes with it, and nothing else', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const [spent, open, other] = [await create(), await create(), await create({ service: 'other-in' })]
  const [mine, others] = [await spend(spent.oneTime), await spend(other.oneTime, { guest: OTHER })]
  expect(await takeBack(segment, 'pair-in')).toBe(1)
  expect(await takeBack(segment, 'pair-in')).toBe(0)
  expect(checkToken(segment, mine.token, GUEST)).toBeUndefined()
  expect(checkToken(segment, others.token, OTHER)).toMatchObject({ service: 'other-in' })
  await expect(spend(spent.oneTime)).rejects.toThrow('it was used already')
  await expect(spend(open.oneTime)).rejects.toThrow('the peer gave no such token')
})

test('that something was given out for a service is known until it is deleted, also when nothing of it is left', async () => {
  const segment = await host()
  const { clock, create, spend } = pairing(segment)
  await spend((await create()).oneTime)
  await changeGiven(segment, (before) => ({ given: { ...before, credentials: [] }, result: undefined }))
  clock.ms = START_MS + 16 * MINUTE_MS
  await create({ service: 'other-in' })
  expect(readGiven(segment)).toMatchObject({ credentials: [], paired: ['pair-in', 'other-in'] })
  const { paired: _, ...older } = JSON.parse(readFileSync(fileOf(segment), 'utf8'))
  writeFileSync(fileOf(segment), JSON.stringify(older))
  expect(readGiven(segment).paired).toEqual(['other-in'])
  await takeBack(segment, 'other-in')
  expect(readGiven(segment).paired).toEqual([])
})

test('whose answer was lost gets another credential for the same token and nonce, and nobody else does', async () => {
  const segment = await host()
  const { clock, create, spend } = pairing(segment)
  const [{ oneTime }, bare] = [await create(), await create({ service: 'other-in' })]
  const [nonce, other] = ['6e'.repeat(32), '6f'.repeat(32)]
  const lost = await spend(oneTime, { nonce })
  const { token, grants } = await spend(oneTime, { nonce })
  expect(grants).toEqual(GRANTS)
  expect(checkToken(segment, token, GUEST)).toEqual({ service: 'pair-in', grants: GRANTS })
  expect(checkToken(segment, lost.token, GUEST)).toBeUndefined()
  await spend(bare.oneTime)
  for (const more of [{}, { nonce: other }, { nonce, guest: OTHER }])
    await expect(spend(oneTime, more)).rejects.toThrow('it was used already')
  for (const more of [{}, { nonce }]) await expect(spend(bare.oneTime, more)).rejects.toThrow('it was used already')
  // What was taken back stays so, and no token outlives its time.
  const late = await create({ service: 'third-in' })
  await spend(late.oneTime, { nonce })
  await takeBack(segment, 'pair-in')
  await expect(spend(oneTime, { nonce })).rejects.toThrow('it was used already')
  clock.ms = START_MS + 16 * MINUTE_MS
  await expect(spend(late.oneTime, { nonce })).rejects.toThrow('its time is over')
})

test('neither token stands in the file, which only its owner can read', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const { oneTime } = await create()
  const texts = [readFileSync(fileOf(segment), 'utf8')]
  const { token } = await spend(oneTime)
  texts.push(readFileSync(fileOf(segment), 'utf8'))
  for (const text of texts) {
    for (const secret of [oneTime, oneTime.replaceAll('-', ''), token, token.slice(5)])
      expect(text).not.toContain(secret)
  }
  expect(statSync(fileOf(segment)).mode & 0o777).toBe(0o600)
  expect(credentialOf(token)).toEqual({ kind: 'paired', token })
  expect(credentialOf('user:password')).toEqual({ kind: 'shared', secret: 'user:password' })
  expect(credentialOf(undefined)).toEqual({ kind: 'none' })
})

test('what is no open token is refused, and says why', async () => {
  const segment = await host()
  const { clock, create, spend } = pairing(segment)
  const [first, second, third] = [await create(), await create({ validMs: MINUTE_MS }), await create()]
  await spend(first.oneTime)
  const refused = (why: string) => ({ code: 'REFUSED', message: `the one-time token is refused: ${why}` })
  await expect(spend(first.oneTime)).rejects.toMatchObject(refused('it was used already'))
  await expect(spend(first.oneTime, { guest: OTHER })).rejects.toMatchObject(refused('it was used already'))
  for (const unknown of ['AAAA-AAAA-AAAA', 'nonsense', ''])
    await expect(spend(unknown)).rejects.toMatchObject(refused('the peer gave no such token'))
  for (const fingerprint of [MARK.replace('9', '8'), undefined]) {
    const why = 'it was given for another certificate'
    await expect(spend(third.oneTime, { fingerprint })).rejects.toMatchObject(refused(why))
  }
  await expect(spend(third.oneTime, { guest: segment.guid })).rejects.toMatchObject({ code: 'SAME_SEGMENT' })
  clock.ms = second.expiresMs
  await expect(spend(second.oneTime)).rejects.toMatchObject(refused('its time is over'))
  expect(readGiven(segment).credentials).toHaveLength(1)
  await spend(third.oneTime)
  expect(readGiven(segment).pairings).toHaveLength(2)
})

test('expired tokens are swept, and open ones are not without number', async () => {
  const segment = await host()
  const { clock, create } = pairing(segment)
  for (let i = 0; i < LIMITS.pairingsMax; i++) await create()
  await expect(create()).rejects.toMatchObject({ code: 'GUARD' })
  clock.ms += 15 * MINUTE_MS
  await create()
  expect(readGiven(segment).pairings).toHaveLength(1)
})

test('pairing again for the same service replaces the credential; for another one it is a second', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const get = async (service: string) => (await spend((await create({ service })).oneTime)).token
  const [old, now, other] = [await get('in'), await get('in'), await get('other')]
  expect(checkToken(segment, old, GUEST)).toBeUndefined()
  expect(checkToken(segment, now, GUEST)?.service).toBe('in')
  expect(checkToken(segment, other, GUEST)?.service).toBe('other')
})

test('each service of a guest has a credential of its own, and pairing it again replaces that one alone', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const get = async (nonce: string) => (await spend((await create()).oneTime, { nonce })).token
  const [mine, yours] = ['6e'.repeat(32), '6f'.repeat(32)]
  const [old, other, now] = [await get(mine), await get(yours), await get(mine)]
  expect(checkToken(segment, old, GUEST)).toBeUndefined()
  for (const token of [other, now]) expect(checkToken(segment, token, GUEST)?.service).toBe('pair-in')
})

test('what was taken back does not come again by its token once that service has paired anew', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const nonce = '6e'.repeat(32)
  const [first, second] = [await create(), await create()]
  await spend(first.oneTime, { nonce })
  await spend(second.oneTime, { nonce })
  await expect(spend(first.oneTime, { nonce })).rejects.toThrow('it was used already')
})

test.each([
  ['nothing', {}],
  ['no right', { 'Hawaii/Cola': { read: false, write: false } }],
  ['a cluster', { Hawaii: { read: true, write: true } }],
  ['an object', { 'Hawaii/Cola/bk1/key': { read: true, write: true } }],
])('rights for %s are refused', async (_, grants) => {
  const { create } = pairing(await host())
  await expect(async () => create({ grants })).rejects.toMatchObject({ code: 'USAGE' })
})

test('a copy that became a segment of its own honours nothing that was given out', async () => {
  const segment = await host()
  const { create, spend } = pairing(segment)
  const { oneTime } = await create()
  const { token } = await spend((await create()).oneTime)
  const copied = path.join(await folder(), 'copy')
  cpSync(segment.home, copied, { recursive: true })
  const before = await openSegment(copied, { clock: systemClock })
  await before.adopt('copied')
  await before.close()
  const copy = await openSegment(copied, { clock: systemClock })
  expect(checkToken(copy, token, GUEST)).toBeUndefined()
  await expect(pairing(copy).spend(oneTime)).rejects.toMatchObject({ code: 'REFUSED' })
  await copy.close()
})

test.each([
  ['{"format":2}', 'NEWER_FORMAT'],
  ['{"format":1,"pairings":[]}', 'CORRUPT'],
  ['{"format":1,"pairings":[],"credentials":[{"peer":"x"}]}', 'CORRUPT'],
  ['{', 'CORRUPT'],
])('a file that is damaged or newer is said to be so: %s', async (text, code) => {
  const segment = await host()
  await pairing(segment).create()
  writeFileSync(fileOf(segment), text)
  expect(() => checkToken(segment, 'x', GUEST)).toThrow(expect.objectContaining({ code }))
  await expect(pairing(segment).create()).rejects.toMatchObject({ code })
  expect(readFileSync(fileOf(segment), 'utf8')).toBe(text)
})
