import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { readGiven } from '../../src/app/peers/given.js'
import { createPairing, spendPairing } from '../../src/app/peers/pairing.js'
import { systemClock } from '../../src/base/clock.js'
import type { SegmentGuid } from '../../src/model/ids.js'
import type { Segment } from '../../src/model/segment.js'
import { GRANTS, GUEST, host, OTHER } from './hosts.js'

/** Tokens for as many services. */
async function tokens(segment: Segment, count: number): Promise<string[]> {
  const made: string[] = []
  for (let i = 0; i < count; i++) {
    const offer = { grants: GRANTS, service: `s${i}`, fingerprint: undefined, clock: systemClock }
    made.push((await createPairing(segment, offer)).oneTime)
  }
  return made
}

function spender(segment: Segment, guest: SegmentGuid, all: readonly string[]): ChildProcess {
  const script = path.join(import.meta.dirname, 'spender.js')
  const child = spawn(process.execPath, [script, segment.home, guest, ...all], { stdio: ['ignore', 'pipe', 'inherit'] })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

/** The tokens that it spent; it is killed once it has spent `most`. */
async function spentBy(child: ChildProcess, most = Number.POSITIVE_INFINITY): Promise<string[]> {
  if (child.stdout === null) throw new Error('it has no stdout')
  const ended = once(child, 'exit')
  const spent: string[] = []
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, token = ''] = line.split(' ')
    if (word === 'spent' && spent.push(token) === most) child.kill('SIGKILL')
  }
  await ended
  return spent
}

test('of two processes that spend the same tokens at once, one gets each', async () => {
  const segment = await host()
  const all = await tokens(segment, 30)
  const both = await Promise.all([GUEST, OTHER].map((guest) => spentBy(spender(segment, guest, all))))
  expect(both.flat().sort()).toEqual(all.toSorted())
  const { credentials, pairings } = readGiven(segment)
  expect(credentials).toHaveLength(30)
  for (const [at, guest] of [GUEST, OTHER].entries()) {
    expect(credentials.filter(({ peer }) => peer === guest)).toHaveLength(both[at]?.length ?? -1)
    expect(pairings.filter((one) => one.spentBy === guest)).toHaveLength(both[at]?.length ?? -1)
  }
})

test('where the process is killed in between, a token is spent and its credential made, or neither', async () => {
  const segment = await host()
  const all = await tokens(segment, 60)
  const spent = await spentBy(spender(segment, GUEST, all), 5)
  const { credentials, pairings } = readGiven(segment)
  expect(credentials.length).toBeGreaterThanOrEqual(spent.length)
  expect(pairings.filter((one) => one.spentBy === GUEST)).toHaveLength(credentials.length)
  for (const oneTime of all) {
    const again = spendPairing(segment, { oneTime, guest: OTHER, fingerprint: undefined, clock: systemClock })
    await again.catch((error) => expect(error).toMatchObject({ code: 'REFUSED' }))
  }
  const services = readGiven(segment).credentials.map(({ service }) => service)
  expect(new Set(services).size).toBe(60)
  expect(services).toHaveLength(60)
})
