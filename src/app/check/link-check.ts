import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { LinkClient } from '../../link/client/client.js'
import { failed, notReached, passed, warned } from '../../model/finding.js'
import { shortGuid } from '../../model/ids.js'
import { hostPortText } from '../../model/remote.js'
import type { Service } from '../../model/service.js'
import { secretLine } from '../../service/key-rule.js'
import { hasSecret } from '../../service/service.js'
import { readNumbers } from '../../stats/files.js'
import type { App } from '../app.js'
import { secretOf } from '../credentials/open.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { knownFingerprint, visitService, withName } from '../link/approach.js'
import { gatewayPeer } from '../link/gateway-peer.js'
import { pendingOf } from '../link/spend.js'
import type { Checked } from './checked.js'
import { failedBy, type Outcome } from './outcome.js'
import { pairTests } from './pair-check.js'

/** What a client finds, and by how much the clock there was ahead, if the peer told; in milliseconds. */
interface Visit {
  readonly client: LinkClient
  readonly aheadMs: number | undefined
}

/** Of a service that calls a gateway: each test needs the one before. */
export async function* linkTests(checked: Checked): AsyncGenerator<Outcome> {
  for (const test of [addressTest, certificateTest]) {
    const outcome = await test(checked)
    if (outcome === undefined) continue
    yield outcome
    if (outcome.outcome !== 'fail') continue
    yield* notReached(outcome.test === 'address' ? [...certificateOf(checked), ...LATER] : LATER)
    return
  }
  const visit = await visited(checked)
  if (!('client' in visit)) {
    yield visit
    yield* notReached(visit.test === 'peer' ? LATER : AFTER_HELLO)
    return
  }
  const { client, aheadMs } = visit
  try {
    yield passed('credentials', `accepted by segment ${shortGuid(client.peer.segment)}`)
    yield* pairTests(checked, gatewayPeer(client, checked.app.clock))
    yield clockTest(aheadMs)
  } finally {
    await client.close()
  }
}

const AFTER_HELLO = ['rights', 'buckets', 'clock'] as const
const LATER = ['credentials', ...AFTER_HELLO] as const

const certificateOf = ({ at }: Checked) => (at.secure ? (['certificate'] as const) : [])

async function addressTest({ at, signal }: Checked): Promise<Outcome> {
  const { probePort } = await import('../../link/client/probe.js')
  try {
    const ms = await probePort(at, signal)
    return passed('address', `${hostPortText(at)} answers in ${ms.toFixed(ms < 10 ? 1 : 0)} ms`)
  } catch (error) {
    return failedBy('address', error)
  }
}

/** Undefined where the connection is not encrypted. */
async function certificateTest({ segment, at, signal }: Checked): Promise<Outcome | undefined> {
  if (!at.secure) return undefined
  const { probeCertificate } = await import('../../link/client/probe.js')
  const known = knownFingerprint(segment, at)
  try {
    const seen = await probeCertificate(at, signal)
    if (known === undefined) return warned('certificate', `${seen}, seen for the first time`, COMPARE)
    if (known === seen) return passed('certificate', `${seen}, as pinned`)
    return failed('certificate', 'not the one that was pinned', `it has ${seen} now: pair again if that is meant`)
  } catch (error) {
    return failedBy('certificate', error)
  }
}

const COMPARE = 'compare it with what efs gateway status tells there; from its first link on no other one is taken'

/** The token is not tried, as that would spend it: what a gateway heard of it is what is known. */
async function unspent({ home }: App, { name }: Service): Promise<Outcome> {
  const { report } = await readNumbers(gatewayFiles(home).stats, name)
  const { message = '', nextTryMs = null } = report?.lastError ?? {}
  const again = `pair again: at the peer, efs gateway pair; here, efs service config ${name} X-ISGW-Remote -`
  if (nextTryMs !== null && message.includes('one-time token')) return failed('credentials', message, again)
  const hint = `efs service enable ${name}; where the token has expired, ${again}`
  return warned('credentials', 'not paired yet: the one-time token is spent by the first link', hint)
}

async function visited({ app, segment, service, at, signal }: Checked): Promise<Visit | Outcome> {
  const secret = await secretOf(app, { segment: segment.guid, service: service.name })
  if (secret === undefined && hasSecret(service)) {
    return failed('credentials', 'the secret is not on this machine', secretLine(service.name))
  }
  if (pendingOf(secret) !== undefined) return unspent(app, service)
  const began = app.clock.nowMs()
  try {
    const client = await visitService(segment, at, secret, {
      app,
      connections: LIMITS.visitConnections,
      stallMs: LIMITS.visitStallMs,
      signal,
    })
    const { nowMs } = client.peer
    return { client, aheadMs: nowMs === undefined ? undefined : aheadOf(nowMs, began, app.clock.nowMs()) }
  } catch (error) {
    const refused = await refusalHeard(app, service, error)
    if (refused !== undefined) return refused
    const isRefused = error instanceof EfsError && error.code === 'REFUSED' && /credential/.test(error.message)
    return failedBy(isRefused ? 'credentials' : 'peer', withName(error, service.name))
  }
}

/** Who was refused a few times is let wait by the peer, longer than is waited for here; what the gateway heard tells why. */
async function refusalHeard({ home }: App, { name }: Service, error: unknown): Promise<Outcome | undefined> {
  if (!(error instanceof EfsError) || error.code !== 'UNREACHABLE' || runningGateway(home) === undefined)
    return undefined
  const { message = '', nextTryMs = null } = (await readNumbers(gatewayFiles(home).stats, name)).report?.lastError ?? {}
  const [, why] = /^credentials (refused.*)/.exec(message) ?? []
  if (nextTryMs === null || why === undefined) return undefined
  return failed('credentials', why, `give both sides the same one: ${secretLine(name)}`)
}

/** It said so at some moment in between. */
export const aheadOf = (nowMs: number, beganMs: number, endedMs: number): number =>
  nowMs - Math.min(Math.max(nowMs, beganMs), endedMs)

/** A wrong clock harms only the keys that it wrote: it is told, and is no failure before it is off by a day. */
export function clockTest(aheadMs: number | undefined): Outcome {
  if (aheadMs === undefined) return warned('clock', 'the peer does not tell')
  const [away, where] = [Math.abs(aheadMs), aheadMs > 0 ? 'ahead of' : 'behind']
  if (away < 1000) return passed('clock', 'differs by less than 1 s')
  const text = `the peer's is ${Math.round(away / 1000)} s ${where} ours`
  if (away <= LIMITS.clockDriftMsMax) return passed('clock', text)
  const hint = 'let both follow one time server: of two writes to one key the later stamp wins'
  return away < LIMITS.clockAheadMsMax ? warned('clock', text, hint) : failed('clock', text, hint)
}
