import type { LinkError } from '../../model/service.js'
import type { FlowMode } from '../../transfer/live/mode.js'
import type { Place } from '../../transfer/live/queue.js'
import type { Held } from '../mirror/held.js'

export const CAUSES = [
  'unadopted',
  'ignored',
  'disabled',
  'paused',
  'no-gateway',
  'link',
  'rights',
  'failing',
  'parked',
  'queue',
  'initial',
  'continuous',
  'left-out',
] as const
export type Cause = (typeof CAUSES)[number]

/** What may hold an object up on its way. */
export interface Facts {
  readonly service: string
  /** The name of the object's bucket here. */
  readonly bucket: string
  readonly unadopted: boolean
  readonly isEnabled: boolean
  readonly pause: boolean
  /** Whether a gateway runs here. */
  readonly isRunning: boolean
  /** Why the peer could not be asked just now. */
  readonly unasked: string | undefined
  /** The right that the peer does not give. */
  readonly refused: string | undefined
  /** What the gateway met last with the link, or with that path. */
  readonly lastError: LinkError | null
  /** A rule of the other side leaves it alone. */
  readonly isIgnored: boolean
  readonly retry: Held | undefined
  readonly place: Place | undefined
  readonly mode: FlowMode
  /** Whether what was there at first has been gone through. */
  readonly isPassed: boolean
}

/** Why an object is not at the other side yet. */
export interface Hold {
  readonly cause: Cause
  /** Completes "waiting: ". */
  readonly why: string
  /** What happens next by itself, or what has to be done. */
  readonly next: string
  /** When it is tried again; null where that is not known. */
  readonly nextTryMs: number | null
  readonly tries: number | null
  readonly place: Place | null
}

const WITH_ALL = 'it is tried again when it changes, and at the next full pass'

/** The first cause of all that there are: what only a person can change before what mends by itself. */
export function holdOf(facts: Facts): Hold {
  const { service, bucket, lastError, retry, place } = facts
  const nextTryMs = lastError?.nextTryMs ?? null
  const hold = (cause: Cause, why: string, next: string, more: Partial<Hold> = {}): Hold => ({
    cause,
    why,
    next,
    nextTryMs: null,
    tries: null,
    place: place ?? null,
    ...more,
  })
  if (facts.unadopted) {
    return hold('unadopted', 'this home was copied, moved or restored', 'efs system adopt --moved or --copied')
  }
  if (facts.isIgnored)
    return hold('ignored', 'a rule of .efsignore leaves it alone', 'change that file in the directory')
  if (!facts.isEnabled) return hold('disabled', `service ${service} is disabled`, `efs service enable ${service}`)
  if (facts.pause)
    return hold('paused', `${bucket} is paused`, `efs bucket attach ${bucket} ${service}, without --pause`)
  if (!facts.isRunning) return hold('no-gateway', 'no gateway runs', 'efs gateway start')
  if (facts.unasked !== undefined) return hold('link', facts.unasked, 'the link is tried again', { nextTryMs })
  if (facts.refused !== undefined) {
    return hold('rights', facts.refused, 'at the peer, change its service, or pair again', { place: null })
  }
  if (nextTryMs !== null) return hold('failing', lastError?.message ?? '', 'it is tried again', { nextTryMs })
  if (retry !== undefined) {
    const { why, tries, nextMs } = retry
    const next = nextMs === null ? WITH_ALL : 'it is tried again'
    return hold('parked', why, next, { tries, nextTryMs: nextMs })
  }
  const sync = `efs service sync ${service}`
  if (facts.mode === 'initial' && (facts.isPassed || place === undefined)) {
    return hold('initial', 'this service brings only what is there when it starts', sync, { place: null })
  }
  if (place !== undefined) return hold('queue', 'it is in the queue', 'it is brought when it is its turn')
  if (facts.mode === 'continuous') {
    return hold('continuous', 'this service brings only what has changed since its first start', sync)
  }
  return hold('left-out', 'it was offered and left out', `${sync} compares everything`)
}
