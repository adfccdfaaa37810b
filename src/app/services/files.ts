import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { parseService, serviceDocument } from '../../service/document.js'
import { parseServiceName } from '../../service/service.js'

/** @throws USAGE; NOT_FOUND with the nearest; NEWER_FORMAT, CORRUPT */
export const findService = (segment: Segment, name: string): Service =>
  serviceOf(segment, name, segment.services.read(parseServiceName(name)))

/** What a service's text says. @throws NOT_FOUND where there is none, with the nearest; NEWER_FORMAT, CORRUPT */
export function serviceOf(segment: Segment, name: string, text: string | undefined): Service {
  if (text === undefined) throw noService(name, segment.services.names())
  return parseService(name, text)
}

export interface ServiceChange {
  readonly before: Service
  readonly after: Service
}

/**
 * Changes a service by `change`, which may be called more than once.
 * @throws NOT_FOUND with the nearest; NEWER_FORMAT, CORRUPT; what `change` throws
 */
export const changeService = (
  segment: Segment,
  name: string,
  change: (before: Service) => Service,
): Promise<ServiceChange> =>
  segment.services.change(parseServiceName(name), (text) => {
    const before = serviceOf(segment, name, text)
    const after = change(before)
    return { after: serviceDocument(after), result: { before, after } }
  })

/** With the nearest of `names`, else some of them. */
export function noService(name: string, names: readonly string[]): EfsError {
  const near = nearest(name, names)
  const has =
    names.length === 0 ? 'there is none yet: efs service create isgw NAME' : `there is ${names.slice(0, 5).join(', ')}`
  return new EfsError('NOT_FOUND', `no service ${name}`, { hint: near === undefined ? has : `did you mean ${near}?` })
}
