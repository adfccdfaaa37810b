import type { SegmentGuid } from '../../model/ids.js'
import type { Grants } from '../../model/link.js'
import type { Segment } from '../../model/segment.js'
import { readGiven } from './given.js'
import { isSameHash, tokenHash } from './tokens.js'

export interface Access {
  /** The service that it came by. */
  readonly service: string
  readonly grants: Grants
}

/** What a token that pairing gave to `guest` allows; undefined where it is not one. Takes as long for a wrong one as for a right one. */
export function checkToken(
  segment: Pick<Segment, 'guid' | 'peers'>,
  token: string,
  guest: SegmentGuid,
): Access | undefined {
  const hash = tokenHash('token', segment.guid, token)
  const [found] = readGiven(segment).credentials.filter((one) => isSameHash(one.hash, hash) && one.peer === guest)
  return found && { service: found.service, grants: found.grants }
}
