import { isIPv6 } from 'node:net'
import { pathToFileURL } from 'node:url'
import { EfsError } from '../base/errors.js'
import { folderOfUrl, folderUrlHint } from './file-url.js'
import { namesS3Bucket, parseS3, type S3Address, s3SegmentText, s3Text } from './s3-address.js'

/** Where the other side of a service is. */
export type Remote = GatewayAddress | ArchiveAddress | PlainRemote

/** A segment that stands in S3: it knows versions, as a gateway does. */
export interface ArchiveAddress {
  readonly kind: 's3-segment'
  readonly at: S3Address
}

/** What knows nothing of versions. */
export type PlainRemote = { readonly kind: 'directory'; readonly path: string } | S3Address

export interface GatewayAddress extends HostPort {
  readonly kind: 'gateway'
  /** Encrypted. */
  readonly secure: boolean
  /** `sha256:` and 64 hex digits of the certificate that it must have. */
  readonly fingerprint?: string
}

export interface HostPort {
  /** IPv6 without its brackets. */
  readonly host: string
  readonly port: number
}

export const GATEWAY_PORT = 14000
const PORT_MAX = 65_535
const HOST = /^[\p{L}\p{N}_](?:[\p{L}\p{N}._-]*[\p{L}\p{N}_.])?$/u

/** `host:port`, `10.0.0.1:14000`, `[::1]:14000`; undefined for anything else. */
export function parseHostPort(text: string): HostPort | undefined {
  const [, inBrackets, name = '', digits = ''] = /^(?:\[([^\]]*)\]|([^:]*)):(\d{1,5})$/.exec(text) ?? []
  const host = inBrackets ?? name
  const port = Number(digits)
  const isHost = inBrackets === undefined ? HOST.test(host) : isIPv6(host)
  return isHost && port >= 1 && port <= PORT_MAX ? { host, port } : undefined
}

export const hostPortText = ({ host, port }: HostPort): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

export const REMOTE_FORMS =
  'ccow://HOST:PORT, ccows://HOST:PORT[#sha256:HEX], file:///DIR, s3://BUCKET[/PREFIX] or s3+segment://BUCKET[/PREFIX]'

/**
 * The address of a peer as it is typed. Nothing is looked up. What may hold a password is not repeated in the error.
 * @throws USAGE; `secretLine` is what its hint tells to type instead of a password in the address
 */
export function parseRemote(text: string, secretLine: string): Remote {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(text) ?? []
  const exposed = scheme === 'file' ? (rest.split('/', 1)[0] ?? '') : text
  // The key of an object may have an @; what stands where a bucket should may hold a password.
  const isShown = !text.includes('@') || namesS3Bucket(text.replace(SEGMENT, 's3:'))
  if (scheme === 's3' && isShown) return parseS3(text, (why) => bad(text, why))
  if (scheme === 's3+segment' && isShown) return archiveAddress(text)
  if (exposed.includes('@'))
    throw holdsSecret(scheme, rest, /^s3(\+segment)?$/.test(scheme ?? '') ? KEYS_LINE : secretLine)
  if (scheme === undefined) {
    const near = parseHostPort(text) ?? parseHostPort(`${text}:${GATEWAY_PORT}`)
    throw bad(text, 'it has no kind', near && `ccow://${hostPortText(near)}`)
  }
  if (scheme === 'file') return { kind: 'directory', path: directoryOf(text) }
  if (scheme !== 'ccow' && scheme !== 'ccows') throw bad(text, `no kind ${scheme}:`)
  const [, place = '', path = ''] = /^([^/?#]*)(.*)$/s.exec(rest) ?? []
  const at = parseHostPort(place) ?? parseHostPort(`${place}:${GATEWAY_PORT}`)
  if (at === undefined) throw bad(text, 'no host and port')
  const print = /^\/?#(sha256:[0-9a-f]{64})$/i.exec(path)?.[1]?.toLowerCase()
  if (print !== undefined && scheme === 'ccow') throw bad(text, 'only ccows:// has a certificate')
  if (print === undefined && path !== '' && path !== '/') throw bad(text, NO_BUCKET, `${scheme}://${hostPortText(at)}`)
  return { kind: 'gateway', secure: scheme === 'ccows', ...at, ...(print === undefined ? {} : { fingerprint: print }) }
}

const NO_BUCKET = 'which bucket is which is said by bucket attach --as'
const SEGMENT = /^s3\+segment:/

function archiveAddress(text: string): ArchiveAddress {
  const [place = '', ...more] = text.split('#')
  const at = parseS3(place.replace(SEGMENT, 's3:'), (why) => bad(text, why))
  if (more.length > 0) throw bad(text, NO_BUCKET, s3SegmentText(at))
  return { kind: 's3-segment', at }
}

/** As `parseRemote` takes it, with the port. */
export function remoteText(remote: Remote): string {
  switch (remote.kind) {
    case 'directory':
      return pathToFileURL(remote.path).href
    case 's3':
      return s3Text(remote)
    case 's3-segment':
      return s3SegmentText(remote.at)
    case 'gateway': {
      const print = remote.fingerprint === undefined ? '' : `#${remote.fingerprint}`
      return `ccow${remote.secure ? 's' : ''}://${hostPortText(remote)}${print}`
    }
  }
}

function directoryOf(text: string): string {
  try {
    return folderOfUrl(text)
  } catch (cause) {
    throw new EfsError('USAGE', `not the address of a directory: ${text}`, {
      hint: folderUrlHint(text),
      cause,
    })
  }
}

const KEYS_LINE = 'efs credential set s3://BUCKET'

function holdsSecret(scheme: string | undefined, rest: string, line: string): EfsError {
  const place = rest.slice(rest.lastIndexOf('@') + 1)
  const meant = scheme === undefined || place === '' ? 'the address without it' : `${scheme}://${place}`
  return new EfsError('USAGE', 'an address holds no password: others could read it', {
    hint: `write ${meant}, and give the password with: ${line}`,
  })
}

const bad = (text: string, why: string, near?: string): EfsError =>
  new EfsError('USAGE', `not the address of a peer: ${text} (${why})`, {
    hint: near === undefined ? `write ${REMOTE_FORMS}` : `did you mean ${near}?`,
  })
