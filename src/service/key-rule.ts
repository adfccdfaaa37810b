import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { nearest } from '../base/nearest.js'
import { isPairingUrl } from '../model/pairing-url.js'
import { GATEWAY_PORT, hostPortText, parseHostPort, parseRemote, REMOTE_FORMS, remoteText } from '../model/remote.js'

export const UNSET = '-'
/** Stands wherever a secret would, also in the file of the service: that there is one. */
export const MASK = '********'

/** One key of a type of service. */
export interface KeyRule {
  readonly key: string
  /** Completes "it takes …". */
  readonly accepted: string
  /** What a new service has, and what unsetting goes back to. */
  readonly initial: string
  /** The value as it is kept and shown; undefined where it is none. @throws USAGE where it can say more than `accepted` */
  read(text: string, service: string): string | undefined
  /** A value that is accepted, for a text that is not. */
  near?(text: string): string | undefined
  /** `fixed` cannot be changed; `secret` is kept elsewhere, and only its mask here; `address` may be too private for a command line. */
  readonly kind?: 'fixed' | 'secret' | 'address'
  /** A new service does not have it: it is shown once it is set. */
  readonly optional?: true
  /** Completes "KEY is kept, but …", where nothing is done with that value yet. */
  idle?(value: string): string | undefined
}

/** The line that gives a service its secret. */
export const secretLine = (service: string): string => `efs service config ${service} X-ISGW-Basic-Auth -`

export const fixed = (key: string): KeyRule => ({
  key,
  accepted: 'no other value',
  initial: UNSET,
  kind: 'fixed',
  read: () => undefined,
})

export const line = (key: string, initial: string, more: Pick<KeyRule, 'idle'> = {}): KeyRule => ({
  key,
  accepted: `one line of at most ${LIMITS.lineBytesMax} bytes`,
  initial,
  read: (text) => (isLine(text) ? text : undefined),
  ...more,
})

export const secret = (key: string): KeyRule => ({
  key,
  accepted: 'a secret, from stdin',
  initial: UNSET,
  kind: 'secret',
  read: (text) => (text === MASK ? MASK : undefined),
})

/** What a secret may be. */
export const isLine = (text: string): boolean =>
  text !== '' && text.isWellFormed() && !/\p{Cc}/u.test(text) && Buffer.byteLength(text) <= LIMITS.lineBytesMax

/** Numbers with the words that people use for them; the first word is the one that is shown. */
export function choice(
  key: string,
  initial: string,
  values: Readonly<Record<string, readonly string[]>>,
  more: Pick<KeyRule, 'idle' | 'optional'> = {},
): KeyRule {
  const words = Object.entries(values).flatMap(([value, names]) => [value, ...names])
  return {
    key,
    accepted: Object.entries(values)
      .map(([value, [word]]) => (word === undefined ? value : `${value} ${word}`))
      .join(', '),
    initial,
    read: (text) => Object.entries(values).find(([value, names]) => value === text || names.includes(text))?.[0],
    near: (text) => nearest(text, words),
    ...more,
  }
}

export const count = (key: string, initial: number, least: number, most: number, unit = ''): KeyRule => ({
  key,
  accepted: `${least} to ${most}${unit}`,
  initial: String(initial),
  read(text) {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    return value >= least && value <= most ? String(value) : undefined
  },
})

export const hostPort = (key: string, more: Pick<KeyRule, 'idle'> = {}): KeyRule => ({
  key,
  accepted: `HOST:PORT, as in 0.0.0.0:${GATEWAY_PORT}`,
  initial: UNSET,
  read(text) {
    const found = parseHostPort(text)
    return found && hostPortText(found)
  },
  near(text) {
    const port = /^:?(\d+)$/.exec(text)?.[1]
    const found = parseHostPort(port === undefined ? `${text}:${GATEWAY_PORT}` : `0.0.0.0:${port}`)
    return found && hostPortText(found)
  },
  ...more,
})

export const remote = (key: string): KeyRule => ({
  key,
  accepted: REMOTE_FORMS,
  initial: UNSET,
  kind: 'address',
  read(text, service) {
    if (isPairingUrl(text)) throw pastedAsValue(service)
    return remoteText(parseRemote(text, secretLine(service)))
  },
})

const pastedAsValue = (service: string): EfsError =>
  new EfsError('USAGE', 'what gateway pair printed is no value: others could read it', {
    hint: `paste it when asked: --remote - of service create, or efs service config ${service} X-ISGW-Remote -`,
  })

/** @throws USAGE with the nearest value that is accepted */
export function readValue(rule: KeyRule, text: string, service: string): string {
  if (rule.kind === 'fixed')
    throw new EfsError('USAGE', `${rule.key} of a service does not change`, {
      hint: 'make another service, and delete this one',
    })
  const value = rule.read(text, service)
  if (value !== undefined) return value
  const near = rule.near?.(text)
  throw new EfsError('USAGE', `${rule.key} does not take ${JSON.stringify(text.slice(0, 300))}`, {
    hint: `it takes ${rule.accepted}${near === undefined ? '' : `; did you mean ${near}?`}`,
  })
}
