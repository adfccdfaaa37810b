import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { nameFault } from '../model/name.js'
import type { Service, ServiceType } from '../model/service.js'
import { MASK, readValue, UNSET } from './key-rule.js'
import { keysOf, ruleOf } from './types.js'

/** @throws USAGE, saying which rule it breaks */
export function parseServiceName(text: string): string {
  const fault = nameFault(text) ?? shapeFault(text)
  if (fault === undefined) return text
  throw new EfsError('USAGE', `not the name of a service: ${JSON.stringify(text.slice(0, 300))} (${fault})`, {
    hint: 'write letters, digits and -, as in hawaii',
  })
}

function shapeFault(text: string): string | undefined {
  if (/[/\\]/.test(text)) return 'it holds a slash'
  if (/^[-.]/.test(text)) return `it begins with ${text[0]}`
  if (Buffer.byteLength(text) > LIMITS.serviceNameBytesMax)
    return `it is longer than ${LIMITS.serviceNameBytesMax} bytes`
  return undefined
}

/** @throws USAGE for a key or a value that is none */
export function newService(type: ServiceType, name: string, values: Readonly<Record<string, string>>): Service {
  const empty: Service = { name: parseServiceName(name), type, set: {}, served: [] }
  return Object.entries(values).reduce((made, [key, value]) => withValue(made, key, value), empty)
}

/** The service with another value; `-` or nothing unsets. @throws USAGE */
export function withValue(service: Service, key: string, text: string): Service {
  const rule = ruleOf(service.type, key)
  const value = isUnset(text) && rule.kind !== 'fixed' ? rule.initial : readValue(rule, text, service.name)
  const { [key]: _, ...others } = service.set
  return { ...service, set: value === rule.initial ? others : { ...others, [key]: value } }
}

export const isUnset = (text: string): boolean => text === '' || text === UNSET

/** The value of a key as it is shown. */
export function shownValue({ name, type, set }: Service, key: string): string {
  if (key === 'X-Service-Name') return name
  if (key === 'X-Service-Type') return type
  return set[key] ?? ruleOf(type, key).initial
}

export const hasSecret = ({ set }: Service): boolean => Object.values(set).includes(MASK)

/** The keys that it has with their values, in order. */
export const rowsOf = (service: Service): (readonly [key: string, value: string])[] =>
  keysOf(service.type).flatMap(({ key, optional }) =>
    optional === true && !(key in service.set) ? [] : [[key, shownValue(service, key)] as const],
  )

/** What is only kept, in words, of the keys that were given. */
export const keptOnly = (service: Service, keys: readonly string[]): string[] =>
  keys.flatMap((key) => {
    const { initial, idle } = ruleOf(service.type, key)
    const value = shownValue(service, key)
    const reason = value === initial ? undefined : idle?.(value)
    return reason === undefined ? [] : [`${key} is kept, but ${reason}`]
  })
