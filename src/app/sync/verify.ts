import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Endpoint, Parked } from '../../model/endpoint.js'
import type { FilterSpec } from '../../model/filter.js'
import { type Difference, type Proof, type Side, verifySides } from '../../transfer/verify.js'
import type { App } from '../app.js'
import { newStats } from '../watch.js'
import { filterFor } from './filtering.js'
import { placeOf, withSides } from './sides.js'

export type { Difference } from '../../transfer/verify.js'

export interface VerifyRequest {
  readonly a: string
  readonly b: string
  /** What is shown to a gateway for which nothing is kept here. */
  readonly auth?: string
  readonly metadata: boolean
  readonly strict: boolean
  /** What is compared, beside what an `.efsignore` says. */
  readonly filter?: FilterSpec
}

export interface Verdict extends Proof {
  readonly differences: number
  readonly parked: readonly Parked[]
}

/** Proves two sides equal, or hands what differs to `each`, a page at a time. */
export function verify(
  app: App,
  request: VerifyRequest,
  signal: AbortSignal,
  each: (found: readonly Difference[]) => Promise<void>,
): Promise<Verdict> {
  const { filter: spec, ...how } = request
  const auth = request.auth === undefined ? {} : { auth: request.auth }
  const sides = { from: request.a, to: request.b, access: 'read', stats: newStats(), signal, ...auth } as const
  return withSides(app, sides, async ({ from, to }) => {
    for (const side of [from, to]) await assertWhole(side, signal)
    const filter = filterFor(app, { ...sides, ...(spec && { filter: spec }) })
    const parked: Parked[] = []
    const run = verifySides(
      {
        ...how,
        ...(filter && { filter }),
        a: sideOf(from),
        b: sideOf(to),
        parcelsInFlight: LIMITS.parcelsInFlightMax,
        signal,
      },
      (what) => parked.push(what),
    )
    let differences = 0
    for (;;) {
      const next = await run.next()
      if (next.done === true) {
        const digest =
          next.value.digest ??
          (differences === 0 && filter === undefined ? (from.digested ?? to.digested)?.digest('content') : undefined)
        return { ...next.value, differences, parked, ...(digest !== undefined && { digest }) }
      }
      differences += next.value.length
      await each(next.value)
    }
  })
}

/** An index proves nothing of what is in no pack any more. @throws CORRUPT */
async function assertWhole(side: Endpoint, signal: AbortSignal): Promise<void> {
  const wrong = await side.glance?.({ signal })
  if (wrong === undefined) return
  const segment = placeOf(side)?.segment
  throw new EfsError('CORRUPT', `nothing is proven of ${side.label}: ${wrong}`, {
    hint: `${segment ? `run \`efs --home ${segment.home} system check\`` : 'there, run `efs system check`'} to see what it harms`,
  })
}

function sideOf(endpoint: Endpoint): Side {
  if (endpoint.source === undefined) throw new EfsError('USAGE', `nothing can be read from ${endpoint.label}`)
  const { source, digested, mayBeHarmed = false } = endpoint
  return { source, ...(digested && !mayBeHarmed && { digested }) }
}
