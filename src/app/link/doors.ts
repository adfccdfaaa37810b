import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { LinkHost } from '../../model/link.js'
import { GATEWAY_PORT, type HostPort, hostPortText, parseHostPort } from '../../model/remote.js'
import type { Service } from '../../model/service.js'
import { isUnset, shownValue } from '../../service/service.js'
import { type GatewayLog, wordsOf } from '../gateway/log.js'
import type { ServiceContext } from '../gateway/runner.js'
import { seldom } from '../gateway/seldom.js'
import { createHost, type Door, type HostParts, type PairedPeers } from './host.js'
import type { Premises } from './premises.js'

export interface DoorsParts {
  readonly premises: Premises
  readonly peers: PairedPeers
  seen(peer: SegmentGuid): void
  readonly log: GatewayLog
  readonly clock: Clock
  /** A key and a certificate, both as PEM. */
  readonly tls: () => Promise<{ readonly key: string; readonly cert: string }>
  /** As peers are told. */
  readonly agent: string
}

export interface Opened {
  /** `host:port`, as it is reached. */
  readonly listening: string
  close(): Promise<void>
}

interface Listener {
  readonly doors: Set<Door>
  readonly listening: Promise<{ close(): Promise<void> }>
}

/** Where a service listens; undefined where it does not. Who only calls others need not be called. */
export function listenerOf(service: Service): HostPort | undefined {
  const local = shownValue(service, 'X-ISGW-Local')
  if (!isUnset(local)) return parseHostPort(local)
  return isUnset(shownValue(service, 'X-ISGW-Remote')) ? { host: '0.0.0.0', port: GATEWAY_PORT } : undefined
}

/** The doors of all services of one gateway. Those with one address share a listener. */
export class Doors {
  readonly #listeners = new Map<string, Listener>()
  readonly #host: LinkHost

  constructor(readonly parts: DoorsParts) {
    const doors = (): Door[] => [...this.#listeners.values()].flatMap((one) => [...one.doors])
    this.#host = createHost({ ...parts, doors, refused: seldomLogged(parts.clock) })
  }

  /**
   * Lets peers in for a service, until it is closed. `secret`: what they have to show; where there is none and nothing was given out by
   * pairing either, only this machine is listened to.
   * @throws REFUSED for an address of others without credentials; EXISTS, USAGE, IO where the address cannot be listened on
   */
  async open(
    service: Service,
    at: HostPort,
    { secret, isPaired, log, numbers }: Pick<ServiceContext, 'secret' | 'isPaired' | 'log' | 'numbers'>,
  ): Promise<Opened> {
    const place = secret === undefined && !isPaired ? onlyHere(at, log) : at
    const listener = hostPortText(place)
    const door: Door = { service, listener, secret, isOpen: secret === undefined && !isPaired, numbers, log }
    const known = this.#listeners.get(listener) ?? { doors: new Set<Door>(), listening: this.#listen(place) }
    this.#listeners.set(listener, known)
    known.doors.add(door)
    const close = async (): Promise<void> => {
      known.doors.delete(door)
      if (known.doors.size > 0 || this.#listeners.get(listener) !== known) return
      this.#listeners.delete(listener)
      await (await known.listening).close()
    }
    try {
      await known.listening
    } catch (error) {
      known.doors.delete(door)
      if (this.#listeners.get(listener) === known) this.#listeners.delete(listener)
      throw error
    }
    return { listening: listener, close }
  }

  async #listen(at: HostPort): Promise<{ close(): Promise<void> }> {
    const { createLinkServer } = await import('../../link/server/server.js')
    const { agent, tls, log, clock } = this.parts
    const isNews = seldom(clock, LIMITS.retryMsMost)
    const onFault = (error: unknown): void => {
      if (isNews(wordsOf(error))) log.error('a request of a peer failed', error)
    }
    const server = createLinkServer({ host: this.#host, tls: await tls(), agent, clock, onFault })
    return server.listen(at)
  }
}

/** Of each address one line in an hour for a service, however often it is refused. */
function seldomLogged(clock: Clock): HostParts['refused'] {
  const isNews = seldom(clock, REFUSED_MS)
  return ({ address, segment, listener }, doors, error) => {
    if (!isNews(`${address} ${listener}`)) return
    for (const { log } of doors)
      log.warn(`${address}, segment ${shortGuid(segment)}, was not let in; it was told: ${wordsOf(error)}`)
  }
}
const REFUSED_MS = 60 * 60 * 1000

const LOOPBACK = /^(?:127\.\d+\.\d+\.\d+|::1|localhost)$/

/** @throws REFUSED */
function onlyHere({ host, port }: HostPort, log: GatewayLog): HostPort {
  if (LOOPBACK.test(host)) return { host, port }
  const own = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : undefined
  if (own === undefined) {
    throw new EfsError('REFUSED', `without credentials nobody is listened to at ${hostPortText({ host, port })}`, {
      hint: 'efs service config NAME X-ISGW-Basic-Auth -, or efs gateway pair',
    })
  }
  log.warn(`without credentials only this machine is listened to: ${hostPortText({ host: own, port })}`)
  return { host: own, port }
}
