import { nearest } from '../../base/nearest.js'
import type { NameSpace } from '../../model/name-space.js'
import { kindOfName, parentOf } from '../../model/names.js'
import type { BucketCounters, Segment } from '../../model/segment.js'
import type { Served, Service } from '../../model/service.js'
import { canReceive, canSend } from '../../service/isgw.js'
import { archiveOf, mirrorPlace } from '../../service/remote-of.js'
import { checked, parseServed, servedBy, servedText, withoutServed, withServed } from '../../service/served.js'
import { isUnset, shownValue } from '../../service/service.js'
import { dropServedNumbers } from '../../stats/files.js'
import { type App, withSegment } from '../app.js'
import { missing } from '../buckets.js'
import { gatewayFiles } from '../gateway/files.js'
import { askPeer, checkServed } from '../link/inquiry.js'
import { rulesOf } from '../link/rules.js'
import { changeService, findService } from './files.js'

export interface ServeRequest {
  readonly service: string
  /** A bucket or a tenant; what follows its first comma are options, where nothing here is called so. */
  readonly path: string
  /** What it is called at the peer. */
  readonly as?: string
  readonly pause: boolean
  /** A cluster or tenant that the peer lacks is made there. */
  readonly create: boolean
}

export interface ServedChange {
  readonly service: string
  readonly path: string
  readonly as: string | null
  readonly pause: boolean
  /** False where it was so already. */
  readonly changed: boolean
  /** What there is to send; null where nothing is, or the peer was not asked. Bytes are plain, and before what the peer has already. */
  readonly offer: { readonly objects: number; readonly bytes: number } | null
  /** What was accepted although nobody can tell yet whether it will work. */
  readonly notes: readonly string[]
}

/**
 * Puts a bucket, or a whole tenant, on the list of a service, after asking the peer whether that can work, where it can be asked.
 * @throws USAGE; NOT_FOUND for the service, for a bucket that is not here where the service only sends, and for a cluster or tenant that the
 * peer lacks; SAME_SEGMENT; REFUSED where the peer only sends or gives no right; EXISTS where two would end up in one place
 */
export const serve = (app: App, request: ServeRequest): Promise<ServedChange> =>
  withSegment(app, async (segment) => {
    const served = servedOf(segment.names, request)
    const serving = (service: Service): Service => {
      refuseAbsent(segment.names, service, served)
      return withServed(service, served)
    }
    const service = serving(findService(segment, request.service))
    const { takes, notes } = await ask(app, segment, service, served, request.create)
    const { before, after } = await changeService(segment, request.service, serving)
    const changed = !before.served.some((one) => servedText(one) === servedText(served))
    return changeOf(after, served, {
      changed,
      offer: takes ? offerOf(segment, service, served) : null,
      notes: [...openQuestions(segment.names, after, served), ...notes],
    })
  })

/** Whether that can work with the peer, where it can be asked; `takes`: what is sent there. */
async function ask(
  app: App,
  segment: Segment,
  service: Service,
  served: Served,
  create: boolean,
): Promise<{ readonly takes: boolean; readonly notes: string[] }> {
  const archive = archiveOf(service)
  if (archive !== undefined) {
    const { askArchive } = await import('../archive/asking.js')
    const notes = await askArchive({ app, segment, service, at: archive.at }, served, create)
    return { takes: notes.length === 0, notes }
  }
  let takes = false
  const notes = await askPeer(app, segment, service, async (client) => {
    const answer = await checkServed(client, service, served, create)
    takes = answer.takes
    return answer.notes
  })
  return { takes, notes }
}

function offerOf({ names, versions }: Segment, service: Service, { path, pause }: Served): ServedChange['offer'] {
  const named = names.find(path)
  const { sends, mode } = rulesOf(service)
  if (pause || named === undefined || !sends || mode === 'continuous') return null
  const buckets = named.kind === 'bucket' ? [named] : names.children(path)
  const all = buckets.map(({ uid }) => versions.counters(uid))
  return { objects: sumOf(all, 'objects'), bytes: sumOf(all, 'bytes') }
}

const sumOf = (all: readonly BucketCounters[], column: 'objects' | 'bytes'): number =>
  all.reduce((sum, one) => sum + one[column], 0)

function servedOf(names: NameSpace, { path, as, pause }: ServeRequest): Served {
  const typed = names.find(path) === undefined ? parseServed(path) : { path, pause: false }
  return checked({ ...typed, ...(as === undefined ? {} : { as }), pause: pause || typed.pause })
}

/** What cannot be sent is refused; what may still be received is not. */
function refuseAbsent(names: NameSpace, service: Service, { path }: Served): void {
  if (names.find(path) !== undefined || canReceive(shownValue(service, 'X-ISGW-Direction'))) return
  throw missing(names, path)
}

/** What is said of a path that is not here: a bucket is made where it is received, a tenant never is. */
function absentText(names: NameSpace, { name }: Service, path: string): string {
  const tenant = kindOfName(path) === 'bucket' ? parentOf(path) : path
  if (names.find(tenant) === undefined)
    return `no tenant ${tenant} is here, and ${name} makes none: efs tenant create ${tenant} --parents`
  const near = nearest(
    path,
    names.children(tenant).map((child) => child.path),
  )
  return `it is not here yet, which ${name} may still receive${near === undefined ? '' : `; or did you mean ${near}?`}`
}

const changeOf = (
  { name }: Service,
  { path, as, pause }: Served,
  rest: Pick<ServedChange, 'changed' | 'offer' | 'notes'>,
): ServedChange => ({ service: name, path, as: as ?? null, pause, ...rest })

function openQuestions(names: NameSpace, service: Service, served: Served): string[] {
  const direction = shownValue(service, 'X-ISGW-Direction')
  const remote = shownValue(service, 'X-ISGW-Remote')
  const lines = names.find(served.path) === undefined ? [absentText(names, service, served.path)] : []
  if (rulesOf(service).mode === 'continuous') {
    const isMirror = mirrorPlace(service) !== undefined
    lines.push(
      `what is there by its first start is ${isMirror ? 'brought too, as with 3' : 'not brought'}: X-ISGW-Replication is 2`,
    )
  }
  if (isUnset(remote) && canSend(direction)) lines.push(`${service.name} has no X-ISGW-Remote yet`)
  return lines
}

/** Takes a path off the list of a service, with its numbers; the text may have its options. @throws USAGE; NOT_FOUND with the nearest */
export const unserve = (app: App, name: string, text: string): Promise<ServedChange> =>
  withSegment(app, async (segment) => {
    const { before } = await changeService(segment, name, (service) => withoutServed(service, servedBy(service, text)))
    const served = servedBy(before, text)
    await dropServedNumbers(gatewayFiles(app.home).stats, name, served.path)
    return changeOf(before, served, { changed: true, offer: null, notes: [] })
  })
