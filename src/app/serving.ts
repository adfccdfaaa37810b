import type { NameSpace } from '../model/name-space.js'
import type { Served, Service } from '../model/service.js'
import { canReceive, canSend } from '../service/isgw.js'
import { checked, parseServed, servedBy, servedText, withoutServed, withServed } from '../service/served.js'
import { isUnset, shownValue } from '../service/service.js'
import { dropServedNumbers } from '../stats/files.js'
import { type App, withSegment } from './app.js'
import { missing } from './buckets.js'
import { gatewayFiles } from './gateway/files.js'
import { changeService } from './service-files.js'

/** A served path as it is listed, and as `service serve` takes it. */
export { servedText } from '../service/served.js'

export interface ServeRequest {
  readonly service: string
  /** A bucket or a tenant; with `options`, what follows its first comma are options of the old form. */
  readonly path: string
  readonly options: boolean
  /** What it is called at the peer. */
  readonly as?: string
  readonly pause: boolean
}

export interface ServedChange {
  readonly service: string
  readonly path: string
  readonly as: string | null
  readonly pause: boolean
  /** False where it was so already. */
  readonly changed: boolean
  /** What was accepted although nobody can tell yet whether it will work. */
  readonly notes: readonly string[]
}

/**
 * Puts a bucket, or a whole tenant, on the list of a service. The peer is not asked.
 * @throws USAGE; NOT_FOUND for the service, and for a bucket that is not here where the service only sends; EXISTS where two would end up in one place
 */
export const serve = (app: App, request: ServeRequest): Promise<ServedChange> =>
  withSegment(app, async (segment) => {
    const served = servedOf(request)
    const { before, after } = await changeService(segment, request.service, (service) => {
      refuseAbsent(segment.names, service, served)
      return withServed(service, served)
    })
    const changed = !before.served.some((one) => servedText(one) === servedText(served))
    return changeOf(after, served, changed, openQuestions(segment.names, after, served))
  })

function servedOf({ path, options, as, pause }: ServeRequest): Served {
  const typed = options ? parseServed(path) : { path, pause: false }
  return checked({ ...typed, ...(as === undefined ? {} : { as }), pause: pause || typed.pause })
}

/** What cannot be sent is refused; what may still be received is not. */
function refuseAbsent(names: NameSpace, service: Service, { path }: Served): void {
  if (names.find(path) !== undefined || canReceive(shownValue(service, 'X-ISGW-Direction'))) return
  throw missing(names, path)
}

const changeOf = (
  { name }: Service,
  { path, as, pause }: Served,
  changed: boolean,
  notes: readonly string[],
): ServedChange => ({ service: name, path, as: as ?? null, pause, changed, notes })

function openQuestions(names: NameSpace, service: Service, served: Served): string[] {
  const direction = shownValue(service, 'X-ISGW-Direction')
  const remote = shownValue(service, 'X-ISGW-Remote')
  const lines =
    names.find(served.path) === undefined ? [`it is not here yet, which ${service.name} may still receive`] : []
  if (isUnset(remote)) return canSend(direction) ? [...lines, `${service.name} has no X-ISGW-Remote yet`] : lines
  if (remote.startsWith('file:')) return lines
  return [...lines, `the peer has not been asked whether it has ${served.as ?? served.path}`]
}

/** Takes a path off the list of a service, with its numbers; the text may have its options. @throws USAGE; NOT_FOUND with the nearest */
export const unserve = (app: App, name: string, text: string): Promise<ServedChange> =>
  withSegment(app, async (segment) => {
    const { before } = await changeService(segment, name, (service) => withoutServed(service, servedBy(service, text)))
    const served = servedBy(before, text)
    await dropServedNumbers(gatewayFiles(app.home).stats, name, served.path)
    return changeOf(before, served, true, [])
  })
