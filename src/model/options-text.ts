import { LIMITS } from '../base/limits.js'
import { nearest } from '../base/nearest.js'
import { DELETE_AFTER } from './retention.js'
import { isUnset, refusedValue, type Typed, typedValue } from './typed-value.js'
import { secondsOf } from './when.js'

/** The options that mean something here, as they are kept; any other is kept as it is typed. */
const OPTIONS: Readonly<Record<string, Typed<string>>> = {
  chunking: oneOf('chunking', ['fastcdc', 'fixed']),
  compression: oneOf('compression', ['on', 'off']),
  [DELETE_AFTER]: {
    accepted: `${DELETE_AFTER}=SECONDS (1 or more), or 30d, 12h, 5m`,
    read(text) {
      const seconds = secondsOf(text) ?? 0
      return seconds >= 1 && seconds <= LIMITS.deleteAfterSecondsMax ? String(seconds) : undefined
    },
  },
}

export const EFS_OPTIONS: readonly string[] = Object.keys(OPTIONS)

/** Whether an option says how efs treats an object. */
export const isOfEfs = (name: string): boolean => Object.hasOwn(OPTIONS, name)

/**
 * `k=v,k=v`; a leading `X-` is what they are shown with. Null takes an option away; null for all: each of them.
 * @throws USAGE naming what is refused and what is accepted
 */
export function readOptions(text: string): Record<string, string | null> | null {
  if (isUnset(text)) return null
  const options: Record<string, string | null> = {}
  for (const pair of text.split(',')) {
    const [, key = '', value = ''] = /^(?:X-)?([^\s=:]+)=(\P{Cc}*)$/u.exec(pair) ?? []
    if (key === '') throw refusedValue('options', pair, 'k=v,k=v')
    const name = knownAs(key)
    const typed = OPTIONS[name]
    if (isUnset(value)) options[name] = null
    else options[name] = typed === undefined ? value : typedValue('options', typed, pair, value)
  }
  return options
}

/** By the names that they are shown with. */
export const shownOptions = (options: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(options).map(([key, value]) => [`X-${key}`, value]))

/** Small and capital letters are one, so that none of these is kept under a name that means nothing. */
const knownAs = (key: string): string =>
  Object.keys(OPTIONS).find((known) => known.toLowerCase() === key.toLowerCase()) ?? key

function oneOf(key: string, values: readonly string[]): Typed<string> {
  const forms = values.map((value) => `${key}=${value}`)
  return {
    accepted: forms.join(' or '),
    read: (text) => values.find((value) => value === text),
    near: (pair) => nearest(pair, forms),
  }
}
