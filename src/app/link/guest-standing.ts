import type { Clock } from '../../base/clock.js'
import { isFault } from '../../link/protocol/failure.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { Named } from '../../model/name-space.js'
import type { LinkError, Service } from '../../model/service.js'
import { hasRemote } from '../../service/health.js'
import type { LiveNumbers } from '../../stats/live-numbers.js'
import { wordsOf } from '../gateway/log.js'
import type { Told } from './guest-work.js'

/** What a peer came through. */
interface Entered {
  readonly service: Service
  readonly numbers: Pick<LiveNumbers, 'count' | 'set' | 'note'>
}

/** How the services that let peers in stand, by what peers did with their buckets. */
export class GuestStanding {
  /** What fails, by service and served path. */
  readonly #failing = new Map<string, LinkError>()
  /** Of each bucket what is on each peer's list of retries: several may bring to one. */
  readonly #leftOut = new Map<string, Map<string, number>>()

  constructor(readonly clock: Clock) {}

  of(peer: SegmentGuid, through: () => readonly Entered[]): (bucket: Named) => Told {
    return ({ path, uid }) => {
      const each = (tell: (door: Entered, served: string) => void): void => {
        for (const door of through()) {
          const served = door.service.served.find((one) => one.path === path || path.startsWith(`${one.path}/`))
          if (served !== undefined) tell(door, served.path)
        }
      }
      return {
        did: (work) =>
          each(({ numbers }, served) => {
            numbers.count(served, work)
            numbers.set(served, { status: 'idle', state: 'continuous', lastSuccessMs: this.clock.nowMs() })
          }),
        tookIn: (error) => each((door, served) => this.#tookIn(door, served, error)),
        leftOut: (list, objects) => {
          const lists = this.#leftOut.get(uid) ?? new Map<string, number>()
          this.#leftOut.set(uid, lists.set(list, objects))
          const parked = [...lists.values()].reduce((sum, one) => sum + one, 0)
          const note = { direction: 'receive', here: path, there: path, thereUid: uid, peer, parked } as const
          each(({ service, numbers }, served) => {
            // Else it keeps such a note of its own link.
            if (!hasRemote(service)) numbers.note({ ...note, served, checkpoint: undefined, bytesAhead: 0 })
          })
        },
      }
    }
  }

  /** What a peer asks for wrongly is its own affair. Only what was taken in whole mends: small pieces may fit on a full disk. */
  #tookIn({ service, numbers }: Entered, served: string, error: unknown): void {
    const key = `${service.name} ${served}`
    const last = this.#failing.get(key)
    if (error === null) {
      this.#failing.delete(key)
      if (last !== undefined) numbers.set(served, { lastError: { ...last, nextTryMs: null } })
    } else if (isFault(error)) {
      // When the peer tries again is its own affair, too.
      const atMs = this.clock.nowMs()
      const failed = { atMs, message: wordsOf(error), nextTryMs: atMs }
      this.#failing.set(key, failed)
      numbers.count(served, { localIoErrors: 1 })
      numbers.set(served, { lastError: failed })
    }
  }
}
