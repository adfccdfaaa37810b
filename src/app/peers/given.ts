import { documentText, type Fields, fieldsOf, hashOf, listOf, textOf, textsOf, timeOf } from '../../base/json-fields.js'
import type { Changed } from '../../model/documents.js'
import { type SegmentGuid, segmentGuid } from '../../model/ids.js'
import type { Grants, Rights } from '../../model/link.js'
import type { GivenCredential } from '../../model/peer.js'
import type { Segment } from '../../model/segment.js'
import { parsePeers } from './fields.js'

/** A one-time token, by its hash, until it expires. */
export interface OpenPairing {
  readonly hash: string
  readonly expiresMs: number
  readonly service: string
  readonly grants: Grants
  /** Of the certificate that the guest was told to expect; undefined where the connection is not encrypted. */
  readonly fingerprint: string | undefined
  /** Who had it. It works no more, but is remembered so that a second one is told why. */
  readonly spentBy: SegmentGuid | undefined
}

/** All that a segment gave out: one document, so that a token is spent by the same change that makes its credential. */
export interface Given {
  readonly pairings: readonly OpenPairing[]
  readonly credentials: readonly GivenCredential[]
  /** Services that something was given out for, until they are deleted: none of them lets anybody in without credentials again. */
  readonly paired: readonly string[]
}

/** Beside the documents of peers, whose names are GUIDs. */
const NAME = 'given'

export const readGiven = ({ peers }: Pick<Segment, 'peers'>): Given => parse(peers.read(NAME))

/** `change` may be called more than once; where it throws, nothing is changed. */
export const changeGiven = <T>(
  { peers }: Pick<Segment, 'peers'>,
  change: (before: Given) => { readonly given: Given; readonly result: T },
): Promise<T> =>
  peers.change(NAME, (text): Changed<T> => {
    const { given, result } = change(parse(text))
    return { after: documentText({ ...given }), result }
  })

/** Takes back what was given out for a service, so that no later one of that name honours it. Gives how many credentials that were. */
export async function takeBack(segment: Pick<Segment, 'peers'>, service: string): Promise<number> {
  const isFor = (one: { readonly service: string }): boolean => one.service === service
  if (!readGiven(segment).paired.includes(service)) return 0
  return changeGiven(segment, (before) => {
    const left = before.credentials.filter((one) => !isFor(one))
    // A token that is spent stays known, so that it is told why it is refused.
    const known = before.pairings.filter((one) => !isFor(one) || one.spentBy !== undefined)
    const paired = before.paired.filter((name) => name !== service)
    return { given: { pairings: known, credentials: left, paired }, result: before.credentials.length - left.length }
  })
}

function parse(text: string | undefined): Given {
  if (text === undefined) return { pairings: [], credentials: [], paired: [] }
  return parsePeers(`peers/${NAME}.json`, text, (fields) => {
    const [pairings, credentials] = [listOf(fields.pairings, pairingOf), listOf(fields.credentials, credentialOf)]
    return {
      pairings,
      credentials,
      paired: fields.paired === undefined ? namedIn(pairings, credentials) : textsOf(fields.paired),
    }
  })
}

/** What a document that does not tell by itself tells of the services that something was given out for. */
const namedIn = (...given: readonly (readonly { readonly service: string }[])[]): string[] => [
  ...new Set(given.flat().map(({ service }) => service)),
]

const pairingOf = ({ hash, expiresMs, service, grants, fingerprint, spentBy }: Fields): OpenPairing => ({
  hash: hashOf(hash),
  expiresMs: timeOf(expiresMs),
  service: textOf(service),
  grants: grantsOf(grants),
  fingerprint: fingerprint === undefined ? undefined : textOf(fingerprint),
  spentBy: spentBy === undefined ? undefined : segmentGuid(textOf(spentBy)),
})

const credentialOf = ({ peer, hash, service, grants, createdMs, hadFor, nonce }: Fields): GivenCredential => ({
  peer: segmentGuid(textOf(peer)),
  hash: hashOf(hash),
  service: textOf(service),
  grants: grantsOf(grants),
  createdMs: timeOf(createdMs),
  hadFor: hadFor === undefined ? undefined : hashOf(hadFor),
  nonce: nonce === undefined ? undefined : hashOf(nonce),
})

const grantsOf = (value: unknown): Grants =>
  Object.fromEntries(Object.entries(fieldsOf(value)).map(([path, rights]) => [path, rightsOf(rights)]))

function rightsOf(value: unknown): Rights {
  const { read, write } = fieldsOf(value)
  if (typeof read !== 'boolean' || typeof write !== 'boolean') throw new TypeError('rights')
  return { read, write }
}
