import { LIMITS } from '../../base/limits.js'
import type { RemoteAddress } from '../../model/address.js'
import type { Baseline } from '../../model/baseline.js'
import type { Endpoint } from '../../model/endpoint.js'
import type { Segment } from '../../model/segment.js'
import type { App } from '../app.js'
import { connectAddress } from './approach.js'

export interface Visit {
  readonly app: App
  readonly need: 'read' | 'write' | 'list'
  readonly auth: string | undefined
  readonly signal: AbortSignal
}

/** A bucket at a gateway. `baseline`: what it and another side last agreed on, kept in the segment that it is asked from. */
export interface AtGateway extends Endpoint {
  readonly baseline?: (peer: string) => Baseline
}

/**
 * A bucket at a gateway, or a part of it; closing it closes the link. `segment`: where it is asked from, if there is one.
 * @throws UNREACHABLE, REFUSED, SAME_SEGMENT, NEWER_FORMAT, NOT_FOUND with the nearest
 */
export async function openAtGateway(
  address: RemoteAddress,
  { app, need, auth, signal }: Visit,
  segment: Segment | undefined,
): Promise<AtGateway> {
  const { openRemote, prefixedRemote } = await import('../../endpoints/remote/bucket.js')
  const { bucket, rest, kind: _, ...at } = address
  const approaching = { app, connections: LIMITS.visitConnections, signal }
  const client = await connectAddress(segment, { kind: 'gateway', ...at }, auth, approaching)
  try {
    const remote = await openRemote(client, bucket, { need, cells: need === 'list', signal })
    const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`
    const endpoint = prefix === '' ? remote : prefixedRemote(remote, prefix)
    const { identity } = endpoint
    const baseline = segment && ((peer: string) => segment.versions.baseline(remote.uid, `${identity}\0${peer}`))
    return { ...endpoint, ...(baseline && { baseline }), close: () => client.close() }
  } catch (error) {
    await client.close()
    throw error
  }
}
