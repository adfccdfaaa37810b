import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { PeerDiskError } from '../../link/protocol/failure.js'
import type { Segment } from '../../model/segment.js'
import type { LinkError, Service } from '../../model/service.js'
import { archiveOf, mirrorPlace } from '../../service/remote-of.js'
import { shownValue } from '../../service/service.js'
import type { App } from '../app.js'
import { Mending } from '../gateway/mending.js'
import type { RunningService, ServiceContext, ServiceRunner } from '../gateway/runner.js'
import { pause } from '../gateway/streak.js'
import { runMirror } from '../mirror/run.js'
import { checkToken } from '../peers/access.js'
import { notePeer } from '../peers/known.js'
import { spendPairing } from '../peers/pairing.js'
import { AGENT } from './approach.js'
import { Doors, listenerOf } from './doors.js'
import { ownCertificate } from './identity.js'
import { LinkRun } from './link-run.js'
import { keepsLink, openPeer } from './open-peer.js'
import { Premises } from './premises.js'
import { rulesOf } from './rules.js'
import { Turns } from './turns.js'

/** What the services of one open segment share. */
interface Shared {
  readonly premises: Premises
  readonly doors: Doors
}

/** Inter-segment gateways: each lets peers in, or keeps a link to one, or both. */
export function isgwRunner(app: App): ServiceRunner {
  const shared = new WeakMap<Segment, Shared>()
  const start: ServiceRunner['start'] = (service, context) => {
    const { segment } = context
    const known = shared.get(segment) ?? shareOf(app, context)
    shared.set(segment, known)
    return runningOf((signal, isUp) => run(app, known, service, context, signal, isUp))
  }
  return { start }
}

function runningOf(work: (signal: AbortSignal, isUp: () => void) => Promise<void>): RunningService {
  const ending = new AbortController()
  let isUp = (): void => undefined
  const up = new Promise<void>((resolve) => {
    isUp = resolve
  })
  const done = work(ending.signal, () => isUp()).catch((error: unknown) => {
    if (!ending.signal.aborted) throw error
  })
  const stop = async (): Promise<void> => {
    ending.abort(new EfsError('INTERRUPTED', 'the service is being stopped'))
    await Promise.allSettled([done])
  }
  return { up, done, stop }
}

function shareOf(app: App, { segment, clock, log }: ServiceContext): Shared {
  const premises = new Premises(segment)
  const certificate = () => ownCertificate(segment)
  const doors = new Doors({
    premises,
    log,
    clock,
    agent: AGENT,
    tls: async () => {
      const { keyPem, certPem } = await certificate()
      return { key: keyPem, cert: certPem }
    },
    peers: {
      access: (token, peer) => checkToken(segment, token, peer),
      spend: async (oneTime, { segment: guest, nonce, secure }) => {
        const fingerprint = secure ? (await certificate()).fingerprint : undefined
        return spendPairing(segment, { oneTime, nonce, guest, fingerprint, clock: app.clock })
      },
    },
    seen: (peer) => {
      notePeer(segment, { segment: peer, clock }).catch((error: unknown) => log.warn('a peer was not noted', error))
    },
  })
  return { premises, doors }
}

async function run(
  app: App,
  { premises, doors }: Shared,
  service: Service,
  context: ServiceContext,
  signal: AbortSignal,
  isUp: () => void,
): Promise<void> {
  const { numbers } = context
  const listener = listenerOf(service)
  const door = listener && (await doors.open(service, listener, context))
  try {
    numbers.report({ state: 'running', listening: door === undefined ? [] : [door.listening] })
    isUp()
    const place = mirrorPlace(service)
    if (place !== undefined) await runMirror(app, place, service, context, signal)
    else if (!keepsLink(service)) {
      // What failed when it last ran may have mended since, and no peer may ever come to show it.
      for (const { path } of service.served) numbers.set(path, { lastError: null })
      await pause(FOR_EVER_MS, signal)
    } else await keepLink(app, premises, service, context, signal)
  } finally {
    await door?.close()
  }
}

/** A peer that is away is tried again and again, later each time; who lets peers in is not closed for it. */
async function keepLink(
  app: App,
  premises: Premises,
  service: Service,
  context: ServiceContext,
  signal: AbortSignal,
): Promise<void> {
  const { segment, secret, numbers, log, clock } = context
  const connections = Number(shownValue(service, 'X-ISGW-Number-Of-Connections'))
  const tell = (lastError: LinkError | null): void => numbers.report({ lastError })
  const mending = new Mending({ log, clock, what: 'the link' }, tell)
  while (!signal.aborted) {
    try {
      const peer = await openPeer(segment, service, {
        app,
        connections,
        signal,
        as: 'link',
        secret: async () => secret,
      })
      try {
        numbers.report({ state: 'running', peers: [peer.place] })
        mending.opened()
        tell(mending.last)
        const link = { peer, rules: rulesOf(service), served: service.served, premises, context }
        await new LinkRun({ ...link, turn: new Turns(LIMITS.flowsAtOnceMax).run }).run(signal)
      } finally {
        mending.end()
        await peer.close()
      }
    } catch (error) {
      if (signal.aborted) return
      const lastError = mending.failed(error)
      tell(lastError)
      tellDown(error, service, context)
      await pause((lastError.nextTryMs ?? 0) - clock.nowMs(), signal)
    }
  }
}

function tellDown(error: unknown, service: Service, { numbers }: ServiceContext): void {
  numbers.report({ state: stateAfter(error, service), peers: [] })
  for (const { path } of service.served) {
    numbers.count(path, failureOf(error))
    numbers.set(path, { status: 'idle', sendThroughput: 0, receiveThroughput: 0 })
  }
}

/** What mends by itself is waited for: a peer that is away, and in S3 what nobody has sent yet. */
function stateAfter(error: unknown, service: Service): 'waiting' | 'failed' {
  const code = error instanceof EfsError ? error.code : undefined
  const isToCome = code === 'NOT_FOUND' && archiveOf(service) !== undefined
  return isToCome || code === 'UNREACHABLE' ? 'waiting' : 'failed'
}

/** What a timer can count. */
const FOR_EVER_MS = 2 ** 31 - 1

/** In which row of the numbers a failure counts. */
function failureOf(error: unknown): { networkErrors?: number; localIoErrors?: number; remoteIoErrors?: number } {
  if (!(error instanceof EfsError) || error.code === 'FAILED' || error instanceof PeerDiskError) {
    return { remoteIoErrors: 1 }
  }
  return error.code === 'IO' || error.code === 'DISK_FULL' ? { localIoErrors: 1 } : { networkErrors: 1 }
}
