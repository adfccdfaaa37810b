import { failed, passed } from '../../model/finding.js'
import { kindOfName } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { hasRemote, isEnabled } from '../../service/health.js'
import { canReceive, canSend } from '../../service/isgw.js'
import { archiveOf, mirrorPlace } from '../../service/remote-of.js'
import { shownValue } from '../../service/service.js'
import { type App, withSegment } from '../app.js'
import { missing } from '../buckets.js'
import { gatewayOf } from '../link/approach.js'
import { listenerOf } from '../link/doors.js'
import { rulesOf } from '../link/rules.js'
import { findService } from '../services/files.js'
import { linkTests } from './link-check.js'
import { mirrorTests } from './mirror-check.js'
import { failedBy, type Outcome } from './outcome.js'
import { portTest } from './port-check.js'

/**
 * Tests all that a service needs, one thing after the other, and tells of each as soon as it is known. Nothing is changed at either side.
 * Gives whether nothing failed.
 * @throws USAGE; NOT_FOUND with the nearest; CORRUPT, NEWER_FORMAT
 */
export const checkService = (
  app: App,
  name: string,
  tell: (outcome: Outcome) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> =>
  withSegment(app, async (segment) => {
    const service = findService(segment, name)
    let isWell = true
    for await (const outcome of tests(app, segment, service, signal)) {
      await tell(outcome)
      if (outcome.outcome === 'fail') isWell = false
    }
    return isWell
  })

async function* tests(app: App, segment: Segment, service: Service, signal: AbortSignal): AsyncGenerator<Outcome> {
  yield passed('name', summaryOf(service))
  if (segment.unadopted) {
    const hint = 'efs system adopt --moved (there is no other) or --copied (the other one lives on too)'
    yield failed('segment', 'was copied, moved or restored: links pause until you say which', hint)
  }
  const listener = listenerOf(service)
  if (listener !== undefined) yield await portTest(app, service, listener, signal)
  const place = mirrorPlace(service)
  if (place !== undefined) yield* mirrorTests(app, segment, service, place, signal)
  const archive = archiveOf(service)
  if (archive !== undefined) {
    const { archiveTests } = await import('./archive-check.js')
    yield* archiveTests({ app, segment, service, signal }, archive)
  }
  const at = gatewayOf(service)
  if (at !== undefined) yield* linkTests({ app, segment, service, at, signal })
  else if (!hasRemote(service)) yield servedHere(segment, service)
}

/** `isgw, send, initial+continuous, 1 bucket`; and what of it means that nothing happens. */
function summaryOf(service: Service): string {
  const direction = shownValue(service, 'X-ISGW-Direction')
  const both = canSend(direction) && canReceive(direction)
  const way = both ? 'send+receive' : canSend(direction) ? 'send' : 'receive'
  const { mode } = rulesOf(service)
  const words = [service.type, way, mode === 'both' ? 'initial+continuous' : mode, servedCount(service)]
  return [...words, ...(isEnabled(service) ? [] : ['disabled'])].join(', ')
}

function servedCount(service: Service): string {
  const tenants = service.served.filter(({ path }) => kindOfName(path) === 'tenant').length
  const buckets = service.served.length - tenants
  if (service.served.length === 0) return hasRemote(service) ? 'no bucket' : 'all buckets'
  const counted = [countOf(tenants, 'tenant'), countOf(buckets, 'bucket')]
  return counted.filter((text) => !text.startsWith('0 ')).join(', ')
}

const countOf = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`

/** Of a service that waits for peers: what they can ask for. */
function servedHere({ names }: Segment, service: Service): Outcome {
  const { served } = service
  const absent = served.filter(({ path }) => names.find(path) === undefined).map(({ path }) => path)
  const [first] = absent
  if (first === undefined) return passed('buckets', served.length === 0 ? 'all that are here' : 'here')
  if (!canReceive(shownValue(service, 'X-ISGW-Direction'))) return failedBy('buckets', missing(names, first))
  return passed('buckets', `${first} is made when a peer brings it${absent.length > 1 ? ', as others are' : ''}`)
}
