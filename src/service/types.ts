import { EfsError } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { SERVICE_TYPES, type ServiceType } from '../model/service.js'
import { ISGW_KEYS } from './isgw.js'
import type { KeyRule } from './key-rule.js'

/** The one table of types of service. */
const KEYS: Readonly<Record<ServiceType, readonly KeyRule[]>> = { isgw: ISGW_KEYS }

/** In the order in which they are shown. */
export const keysOf = (type: ServiceType): readonly KeyRule[] => KEYS[type]

/** @throws USAGE with the nearest that there is */
export function parseServiceType(text: string): ServiceType {
  const found = SERVICE_TYPES.find((type) => type === text)
  if (found !== undefined) return found
  const near = nearest(text, SERVICE_TYPES)
  throw new EfsError('USAGE', `no service type ${JSON.stringify(text.slice(0, 80))}`, {
    hint: near === undefined ? `there is ${SERVICE_TYPES.join(', ')}` : `did you mean ${near}?`,
  })
}

/** @throws USAGE with the nearest key, and what that accepts */
export function ruleOf(type: ServiceType, key: string): KeyRule {
  const rules = KEYS[type]
  const found = rules.find((rule) => rule.key === key)
  if (found !== undefined) return found
  const near = nearest(
    key,
    rules.map((rule) => rule.key),
  )
  const close = rules.find((rule) => rule.key === near)
  throw new EfsError('USAGE', `no key ${key.slice(0, 80)} for a service of type ${type}`, {
    hint: close
      ? `did you mean ${close.key}? (${close.accepted})`
      : `it has ${rules.map((rule) => rule.key).join(', ')}`,
  })
}
