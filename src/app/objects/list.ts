import { EfsError } from '../../base/errors.js'
import { listAt } from '../../endpoints/list-at.js'
import { parseAddress } from '../../model/address.js'
import type { Parked } from '../../model/endpoint.js'
import type { VersionRef } from '../../model/version-ref.js'
import { type App, withRecords } from '../app.js'
import { findBucket } from '../buckets.js'
import type { ListRequest } from './requests.js'

/** Hands the objects of a bucket to `each`, a page at a time in key order. Folders are not objects. `leftOut` is told what may have been there at the time that is asked for. */
export async function listObjects(
  app: App,
  request: ListRequest,
  signal: AbortSignal,
  each: (page: readonly VersionRef[]) => Promise<void>,
  leftOut: (what: Parked) => void = () => undefined,
): Promise<void> {
  const address = parseAddress(request.path)
  let left = request.limit ?? Number.POSITIVE_INFINITY
  const eachPage = async (page: readonly VersionRef[]): Promise<boolean> => {
    const objects = page.filter(({ key }) => !key.endsWith('/')).slice(0, left)
    left -= objects.length
    if (objects.length > 0) await each(objects)
    return left > 0
  }
  if (address.kind === 'remote') {
    const { listAtGateway } = await import('./at-gateway.js')
    return listAtGateway(app, address, request, signal, eachPage, leftOut)
  }
  return withRecords(app, async (segment) => {
    if (address.kind !== 'bucket' || address.home !== undefined) {
      throw new EfsError('USAGE', `not a bucket of this segment: ${request.path}`, { hint: 'write Hawaii/Cola/bk1' })
    }
    const { uid } = findBucket(segment.names, address.bucket)
    const options = { prefix: address.rest + (request.prefix ?? ''), deleted: request.deleted, signal }
    const listing =
      request.atMs === undefined
        ? segment.versions.list(uid, options)
        : listAt(segment.versions, uid, { ...options, atMs: request.atMs }, leftOut)
    for await (const page of listing) if (!(await eachPage(page))) return
  })
}
