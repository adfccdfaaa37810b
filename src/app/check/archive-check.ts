import { EfsError } from '../../base/errors.js'
import { Claims } from '../../endpoints/s3-segment/claims.js'
import { findSegment } from '../../endpoints/s3-segment/marker.js'
import { failed, notReached, passed } from '../../model/finding.js'
import { type SegmentGuid, shortGuid } from '../../model/ids.js'
import type { ObjectStore } from '../../model/object-store.js'
import type { ArchiveAddress } from '../../model/remote.js'
import { s3SegmentText } from '../../model/s3-address.js'
import { noBucket, withStore } from '../archive/open.js'
import { openPeer } from '../link/open-peer.js'
import { rulesOf } from '../link/rules.js'
import { assertRoom } from '../s3/room.js'
import type { Checked } from './checked.js'
import { failedBy, type Outcome } from './outcome.js'
import { type PeerTested, pairTests } from './pair-check.js'

type Asked = Pick<Checked, 'app' | 'segment' | 'service' | 'signal'>

/** Of a service with a segment in S3 as its peer. What is written to try it is taken away at once. */
export async function* archiveTests(asked: Asked, { at }: ArchiveAddress): AsyncGenerator<Outcome> {
  const { app, service, segment, signal } = asked
  const text = s3SegmentText(at)
  const { sends } = rulesOf(service)
  let guid: SegmentGuid | undefined
  try {
    if (sends) await assertRoom(app, at, 'segment', signal)
    guid = await withStore(app, at, signal, (store) => tryStore(store, sends))
    yield passed('s3', `${text} is listed${sends ? ', and can be written to' : ''}`)
  } catch (error) {
    signal.throwIfAborted()
    const isOther = error instanceof EfsError && (error.code === 'CORRUPT' || error.code === 'NEWER_FORMAT')
    yield failedBy(isOther ? 'peer' : 's3', error)
    yield* notReached(isOther ? LATER : ['peer', ...LATER])
    return
  }
  if (guid === undefined) {
    if (!sends) {
      yield failed('peer', 'no segment is there', 'it is made by the first that sends there')
      yield* notReached(LATER)
      return
    }
    yield passed('peer', 'no segment is there yet: it is made when something is sent')
    yield* pairTests(asked, nothingAt(text))
    return
  }
  try {
    const peer = await openPeer(segment, service, { app, connections: 1, signal, as: 'visit' })
    try {
      yield passed('peer', `segment ${shortGuid(guid)} is there`)
      yield* pairTests(asked, peer)
    } finally {
      await peer.close()
    }
  } catch (error) {
    signal.throwIfAborted()
    yield failedBy('peer', error)
    yield* notReached(LATER)
  }
}

const LATER = ['rights', 'buckets'] as const

/** Which segment stands there, after a small thing was written, if that is to be tried. */
async function tryStore(store: ObjectStore, writes: boolean): Promise<SegmentGuid | undefined> {
  const guid = await findSegment(store)
  if (writes) {
    const claims = new Claims(store)
    const { key } = await claims.claim([])
    await claims.drop([key])
  }
  return guid
}

const nothingAt = (text: string): PeerTested => ({
  bucketsOf: async () => [],
  rightsTo: () => ({ read: true, write: true }),
  open: async (path) => {
    throw noBucket(path, text, [])
  },
})
