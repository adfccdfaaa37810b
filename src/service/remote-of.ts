import { type ArchiveAddress, type PlainRemote, parseRemote, type Remote } from '../model/remote.js'
import { s3Text } from '../model/s3-address.js'
import type { Service } from '../model/service.js'
import { secretLine } from './key-rule.js'
import { isUnset, shownValue } from './service.js'

/** Where the other side of a service is; undefined where it only waits for peers. */
export function remoteOf(service: Service): Remote | undefined {
  const text = shownValue(service, 'X-ISGW-Remote')
  return isUnset(text) ? undefined : parseRemote(text, secretLine(service.name))
}

/** The segment in S3 that a service keeps its buckets the same with. */
export function archiveOf(service: Service): ArchiveAddress | undefined {
  const remote = remoteOf(service)
  return remote?.kind === 's3-segment' ? remote : undefined
}

/** The directory, or the place in S3, that a service keeps the same as its bucket. */
export interface MirrorPlace {
  readonly remote: PlainRemote
  /** For people, and to tell it from other places in what the bucket keeps. */
  readonly text: string
}

/** Undefined where the peer of a service knows versions, or it has none. */
export function mirrorPlace(service: Service): MirrorPlace | undefined {
  const remote = remoteOf(service)
  switch (remote?.kind) {
    case 'directory':
      return { remote, text: remote.path }
    case 's3':
      return { remote, text: s3Text(remote) }
    case 's3-segment':
    case 'gateway':
    case undefined:
      return undefined
  }
}
