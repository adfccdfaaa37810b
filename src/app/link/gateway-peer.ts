import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import type { RemoteBucket } from '../../endpoints/remote/bucket.js'
import type { LinkClient } from '../../link/client/client.js'
import { News } from './news.js'
import type { OpenThere, Peer } from './peer.js'
import { rightsTo } from './rights.js'

/** A gateway, as what is at the other end of a link. */
export const gatewayPeer = (client: LinkClient, clock: Clock): Peer => ({
  place: client.place,
  segment: client.peer.segment,
  async bucketsOf(tenant, signal) {
    const { OPS } = await import('../../link/protocol/ops.js')
    const { message } = await client.call(OPS.names, { path: tenant }, { signal })
    return message.names.map(({ path }) => path)
  },
  rightsTo: (path) => rightsTo(path, client.peer.grants),
  nameOf: (path) => path,
  open: (path, options) => openThere(client, path, options),
  news: (heard) => new News(client, clock, heard),
  // What a gateway acknowledges is there.
  settle: async () => undefined,
  meter: () => client.meter(),
  bucketMeter: (bucket) => client.bucketMeter(bucket),
  close: () => client.close(),
})

async function openThere(client: LinkClient, path: string, { makes, signal }: OpenThere): Promise<RemoteBucket> {
  const [{ openRemote }, { OPS }] = await Promise.all([
    import('../../endpoints/remote/bucket.js'),
    import('../../link/protocol/ops.js'),
  ])
  try {
    return await openRemote(client, path, { need: 'list', signal })
  } catch (error) {
    if (!(error instanceof EfsError) || error.code !== 'NOT_FOUND' || !makes) throw error
  }
  await client.call(OPS.make, { path, settings: {}, parents: false }, { signal })
  return openRemote(client, path, { need: 'list', signal })
}
