import { EfsError } from '../base/errors.js'
import { nameFault } from './name.js'
import { type HostPort, hostPortText, parseHostPort } from './remote.js'

/** What one side prints and the other one pastes once. */
export interface PairingUrl extends HostPort {
  readonly secure: boolean
  /** `K7Q2-M4XD-9TPL`. Works once, for a short time. */
  readonly oneTime: string
  /** `sha256:` and 64 hex digits, of the certificate that answers there; present where `secure`, and only there. */
  readonly fingerprint: string | undefined
  /** The bucket or tenant that it is about, as it is called there; `''` where it is about several. */
  readonly path: string
}

/** 32 signs of which none is taken for another when it is read out. */
export const ONE_TIME_SIGNS = 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** Of 5 bits each. */
export const ONE_TIME_LENGTH = 12
const GROUP = `[${ONE_TIME_SIGNS}]{4}`
const ONE_TIME = new RegExp(`^${GROUP}-${GROUP}-${GROUP}$`)
const FINGERPRINT = /^sha256:[0-9a-f]{64}$/

export const isOneTime = (text: string): boolean => ONE_TIME.test(text)
export const isFingerprint = (text: string): boolean => FINGERPRINT.test(text)

/** Whether a line from stdin is meant as a pairing URL. */
export const isPairingUrl = (line: string): boolean => /^ccows?:\/\/pair:/i.test(line.trim())

/**
 * A pairing URL as it was pasted, from stdin alone: on a command line others could read it. It is not repeated in the error.
 * @throws USAGE
 */
export function parsePairingUrl(line: string): PairingUrl {
  const [, scheme, typed = '', place = '', rest = '', mark] =
    /^(ccows?):\/\/pair:([^@/#]*)@([^/#]*)(?:\/([^#]*))?(?:#(.*))?$/.exec(line.trim()) ?? []
  if (scheme === undefined) throw bad('its form is another')
  const secure = scheme === 'ccows'
  const oneTime = typed.toUpperCase()
  const at = parseHostPort(place)
  if (!isOneTime(oneTime)) throw bad('its one-time token is not whole')
  if (at === undefined) throw bad('it has no host and port')
  if (secure && (mark === undefined || !isFingerprint(mark))) throw bad('its fingerprint is not whole')
  if (!secure && mark !== undefined) throw bad('only ccows has a fingerprint')
  return { secure, ...at, oneTime, fingerprint: mark, path: pathOf(rest) }
}

/** As `parsePairingUrl` takes it. */
export function pairingUrlText({ secure, oneTime, fingerprint, path, ...at }: PairingUrl): string {
  const names = path === '' ? '' : `/${path.split('/').map(encodeURIComponent).join('/')}`
  const mark = fingerprint === undefined ? '' : `#${fingerprint}`
  return `ccow${secure ? 's' : ''}://pair:${oneTime}@${hostPortText(at)}${names}${mark}`
}

function pathOf(encoded: string): string {
  if (encoded === '') return ''
  const names = encoded.split('/').map(decoded)
  const isPath = names.length >= 2 && names.length <= 3
  if (!isPath || names.some((name) => name.includes('/') || nameFault(name) !== undefined)) {
    throw bad('what follows the host is no bucket and no tenant')
  }
  return names.join('/')
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch (cause) {
    throw bad('what follows the host is no bucket and no tenant', cause)
  }
}

const bad = (why: string, cause?: unknown): EfsError =>
  new EfsError('USAGE', `that is no pairing URL: ${why}`, {
    hint: 'copy the whole line that efs gateway pair printed at the peer',
    cause,
  })
