import { EfsError } from '../base/errors.js'
import { fromOwn } from '../base/own-folder.js'
import { folderOfUrl, folderUrlHint } from './file-url.js'
import { nameFault } from './name.js'
import { GATEWAY_PORT, type HostPort, hostPortText, parseHostPort } from './remote.js'
import { namesS3Bucket, parseS3, type S3Address } from './s3-address.js'

/** Where one side of a transfer is. */
export type Address =
  | {
      readonly kind: 'bucket'
      /** As typed, but for `~`; absent: the segment that the command works in. */
      readonly home?: string
      /** `Hawaii/Cola/bk1`. */
      readonly bucket: string
      /** What follows the bucket, without the slash between: a prefix of keys, or a whole key. */
      readonly rest: string
    }
  | { readonly kind: 'directory'; readonly path: string }
  | S3Address
  | S3SegmentAddress
  | RemoteAddress

/** A segment that stands in an S3 bucket, as packs, manifests and a journal. */
export interface S3SegmentAddress {
  readonly kind: 's3-segment'
  readonly at: S3Address
  /** `Hawaii/Cola/bk1`; absent: what the other side's bucket is called, or the only one. */
  readonly bucket?: string
  /** As in an address of a bucket. */
  readonly rest: string
}

/** A bucket at a gateway. */
export interface RemoteAddress extends HostPort {
  readonly kind: 'remote'
  /** Encrypted. */
  readonly secure: boolean
  /** `sha256:` and 64 hex digits of the certificate that it must have; absent: one that is known already. */
  readonly fingerprint?: string
  readonly bucket: string
  readonly rest: string
}

const FORMS =
  'Hawaii/Cola/bk1, segment:/home#Hawaii/Cola/bk1, ccow://host:port/Hawaii/Cola/bk1, s3://bucket/prefix, s3+segment://bucket/prefix#Hawaii/Cola/bk1, ./dir, /dir or file:///dir'

const OBJECT = 'Hawaii/Cola/bk1/any/key'

/**
 * An address as it is typed. Nothing is looked up.
 * @throws USAGE, naming what is wrong with it and which forms there are
 */
export function parseAddress(text: string): Address {
  const scheme = /^([a-z][a-z0-9+.-]*):/.exec(text)?.[1]
  if (scheme === 'segment') return segmentAddress(text)
  if (scheme === 'ccow' || scheme === 'ccows') return remoteAddress(text, scheme === 'ccows')
  if (scheme === 's3') return s3Address(text, text)
  if (scheme === 's3+segment') return s3SegmentAddress(text)
  if (scheme === 'file') return { kind: 'directory', path: filePath(text) }
  if (scheme !== undefined) throw bad(text, `no address of kind ${scheme}:`)
  if (/^(\/|\.{1,2}(\/|$))/.test(text)) return { kind: 'directory', path: text }
  return bucketAddress(text, text)
}

/** An object: of this segment, or at a gateway. @throws USAGE */
export function parseObjectAddress(text: string): {
  readonly address: Address & { rest: string }
  readonly key: string
} {
  if (ELSEWHERE.test(text)) throw notHere(text)
  const address = /^ccows?:/.test(text) ? parseAddress(text) : bucketAddress(text, text, OBJECT)
  const hasObjects = address.kind === 'bucket' || address.kind === 'remote'
  if (!hasObjects || address.rest === '') throw notObject(text)
  return { address, key: address.rest }
}

/** `Hawaii/Cola/bk1/any/key`: an object of this segment. @throws USAGE */
export function parseObjectPath(text: string): { readonly bucket: string; readonly key: string } {
  if (ELSEWHERE.test(text)) throw notHere(text)
  if (/^ccows?:/.test(text)) {
    throw new EfsError('USAGE', 'objects at a gateway are got and listed, and nothing else', {
      hint: 'object get and object list take such an address; for the rest run efs at that side',
    })
  }
  const { bucket, rest } = bucketAddress(text, text, OBJECT)
  if (rest === '') throw notObject(text)
  return { bucket, key: rest }
}

/** Addresses of whole sides only. */
const ELSEWHERE = /^(?:s3|s3\+segment|segment|file):/

function notHere(text: string): EfsError {
  const scheme = text.slice(0, text.indexOf(':') + 1)
  return new EfsError('USAGE', `single objects of ${scheme} are not asked for`, {
    hint: 'an object is Hawaii/Cola/bk1/any/key; sync brings there what is elsewhere',
  })
}

const notObject = (text: string): EfsError =>
  new EfsError('USAGE', `${text} is a bucket, not an object`, { hint: `an object is ${OBJECT}` })

/** What holds a password is not repeated in the error. */
function remoteAddress(text: string, secure: boolean): RemoteAddress {
  const [, place = '', path = '', fingerprint] =
    /^ccows?:\/\/([^/]*)\/?(.*?)(?:#(sha256:[0-9a-f]{64}))?$/is.exec(text) ?? []
  if (place.includes('@')) {
    throw new EfsError('USAGE', 'an address holds no password: others could read it', {
      hint: 'give it in $EFS_REMOTE_AUTH, or in a file with --auth-file FILE',
    })
  }
  const at = parseHostPort(place) ?? parseHostPort(`${place}:${GATEWAY_PORT}`)
  if (at === undefined) throw bad(text, 'no host and port')
  if (fingerprint !== undefined && !secure) throw bad(text, 'only ccows:// has a certificate')
  const print = fingerprint === undefined ? {} : { fingerprint: fingerprint.toLowerCase() }
  return { ...bucketAddress(text, path), kind: 'remote', secure, ...at, ...print }
}

/** As `parseAddress` takes it, with the port. */
export const remoteAddressText = ({ secure, bucket, rest, ...at }: RemoteAddress): string =>
  `ccow${secure ? 's' : ''}://${hostPortText(at)}/${bucket}${rest === '' ? '' : `/${rest}`}`

/** Keys that people put into it are not repeated in the error. */
function s3Address(text: string, url: string): S3Address {
  if (url.includes('@') && !namesS3Bucket(url)) {
    throw new EfsError('USAGE', 'an address in S3 holds no keys: others could read them', {
      hint: 'write s3://bucket/prefix, and give the keys with: efs credential set s3://bucket',
    })
  }
  return parseS3(url, (why) => bad(text, why))
}

function s3SegmentAddress(text: string): S3SegmentAddress {
  const [, url = '', path] = /^s3\+segment(:[^#]*)(?:#(.*))?$/s.exec(text) ?? []
  const at = s3Address(text, `s3${url}`)
  if (path === undefined) return { kind: 's3-segment', at, rest: '' }
  const { bucket, rest } = bucketAddress(text, path)
  return { kind: 's3-segment', at, bucket, rest }
}

function segmentAddress(text: string): Address {
  const at = text.indexOf('#')
  const home = text.slice('segment:'.length, at < 0 ? undefined : at)
  if (at < 0 || home === '') throw bad(text, 'a segment is written segment:/path/to/home#Hawaii/Cola/bk1')
  return { home: fromOwn(home), ...bucketAddress(text, text.slice(at + 1)) }
}

/** `forms`: what may stand there. */
function bucketAddress(text: string, path: string, forms = FORMS): { kind: 'bucket'; bucket: string; rest: string } {
  const parts = path.split('/')
  if (parts.length < 3) throw bad(text, 'a bucket has three parts, Hawaii/Cola/bk1', forms)
  const names = parts.slice(0, 3)
  for (const name of names) {
    const fault = nameFault(name)
    if (fault !== undefined) throw bad(text, fault, forms)
  }
  return { kind: 'bucket', bucket: names.join('/'), rest: parts.slice(3).join('/') }
}

function filePath(text: string): string {
  try {
    return folderOfUrl(text)
  } catch (cause) {
    throw new EfsError('USAGE', `not the address of a directory: ${text}`, { hint: folderUrlHint(text), cause })
  }
}

const bad = (text: string, why: string, forms = FORMS): EfsError =>
  new EfsError(
    'USAGE',
    `not an address: ${text === text.trim() && text !== '' ? text : JSON.stringify(text)} (${why})`,
    {
      hint: `write ${forms}`,
    },
  )
