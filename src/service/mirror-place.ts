import { type PlainRemote, parseRemote } from '../model/remote.js'
import { s3Text } from '../model/s3-address.js'
import type { Service } from '../model/service.js'
import { secretLine } from './key-rule.js'
import { isUnset, shownValue } from './service.js'

/** The directory, or the place in S3, that a service keeps the same as its bucket. */
export interface MirrorPlace {
  readonly remote: PlainRemote
  /** For people, and to tell it from other places in what the bucket keeps. */
  readonly text: string
}

/** Undefined where the peer of a service is a gateway, or it has none. */
export function mirrorPlace(service: Service): MirrorPlace | undefined {
  const text = shownValue(service, 'X-ISGW-Remote')
  if (isUnset(text)) return undefined
  const remote = parseRemote(text, secretLine(service.name))
  if (remote.kind === 'gateway') return undefined
  return { remote, text: remote.kind === 'directory' ? remote.path : s3Text(remote) }
}
