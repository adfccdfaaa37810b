import { EfsError } from '../../base/errors.js'
import { isPairingUrl } from '../../model/pairing-url.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { serviceDocument } from '../../service/document.js'
import { isLine, MASK, secretLine, UNSET } from '../../service/key-rule.js'
import { reattached } from '../../service/served.js'
import {
  hasSecret,
  isUnset,
  keptOnly,
  newService,
  parseServiceName,
  shownValue,
  withValue,
} from '../../service/service.js'
import { parseServiceType, ruleOf } from '../../service/types.js'
import { dropNumbers } from '../../stats/files.js'
import { type App, withSegment } from '../app.js'
import type { Credentials } from '../credentials/credentials.js'
import { openCredentials } from '../credentials/open.js'
import { gatewayFiles } from '../gateway/files.js'
import { runningGateway } from '../gateway/state.js'
import { askPeer } from '../link/inquiry.js'
import { takeBack } from '../peers/given.js'
import { changeService, findService, serviceOf } from './files.js'
import { acceptPairing, remoteOfPairing } from './pairing.js'
import { type ServiceShown, shownOf } from './shown.js'

export interface ServiceCreated extends ServiceShown {
  /** What of it is only kept. */
  readonly notes: readonly string[]
}

/**
 * Makes a service that is disabled and serves nothing. `values` are by key; `pairing`: the URL that its peer printed for it.
 * @throws USAGE for a type, name, key or value that is none; EXISTS; SAME_SEGMENT; NOT_FOUND where no segment is; REFUSED where the peer does not pair
 */
export function createService(
  app: App,
  type: string,
  name: string,
  values: Readonly<Record<string, string>>,
  pairing?: string,
): Promise<ServiceCreated> {
  const remote = pairing === undefined ? {} : { 'X-ISGW-Remote': remoteOfPairing(pairing) }
  const service = newService(parseServiceType(type), name, { ...values, ...remote })
  return withSegment(app, async (segment) => {
    if (segment.services.read(name) !== undefined) throw isThere(name)
    const asked = pairing === undefined ? await askOf(app, segment, service) : []
    await segment.services.change(name, (before) => {
      if (before !== undefined) throw isThere(name)
      return { after: serviceDocument(service), result: undefined }
    })
    const paired = pairing === undefined ? [] : [await pairedAtOnce(app, segment, name, pairing)]
    const now = findService(segment, name)
    return { ...shownOf(now), notes: [...keptOnly(service, Object.keys(values)), ...asked, ...paired] }
  })
}

/** A service that its peer refused to pair with is not there afterwards. */
async function pairedAtOnce(app: App, segment: Segment, name: string, pairing: string): Promise<string> {
  try {
    return await acceptPairing(app, segment, name, pairing)
  } catch (error) {
    await segment.services.change(name, () => ({ after: undefined, result: undefined }))
    throw error
  }
}

const isThere = (name: string): EfsError =>
  new EfsError('EXISTS', `service ${name} exists already`, { hint: `efs service config ${name} KEY VALUE changes it` })

export interface KeyChanged {
  readonly service: string
  readonly key: string
  readonly value: string
  readonly changed: boolean
  /** What the change does not do. */
  readonly notes: readonly string[]
}

/**
 * Sets a key, or unsets it with `-` or nothing. For a secret and for an address `-` stands for what `ask` gives, and nothing unsets.
 * Only the definition changes; no process is started or stopped.
 * @throws USAGE with the nearest key or value, and for a secret that was typed; EXISTS where two served paths would end up in one place; NOT_FOUND, CORRUPT, NEWER_FORMAT
 */
export async function setKey(
  app: App,
  name: string,
  key: string,
  typed: string,
  ask: (key: string) => Promise<string>,
): Promise<KeyChanged> {
  const { kind } = await withSegment(app, async (segment) => ruleOf(findService(segment, name).type, key))
  if (kind === 'secret' && !isUnset(typed)) throw typedSecret(name, key)
  const isAsked = typed === UNSET && (kind === 'secret' || kind === 'address')
  const text = isAsked ? await ask(key) : typed
  return withSegment(app, async (segment) => {
    if (kind === 'secret') return setSecret(openCredentials(app), segment, { name, key, text })
    const pairing = isAsked && kind === 'address' && isPairingUrl(text) ? text : undefined
    if (pairing !== undefined) return setByPairing(app, segment, { name, key, pairing })
    const changing = (service: Service): Service => reattached(withValue(service, key, text))
    const asked = kind === 'address' ? await askOf(app, segment, changing(findService(segment, name))) : []
    const { before, after } = await changeService(segment, name, changing)
    const value = shownValue(after, key)
    const changed = value !== shownValue(before, key)
    const isIdle = changed && key === 'X-Status' && value === 'enabled' && runningGateway(app.home) === undefined
    const notes = isIdle ? [nothingStarted(name)] : keptOnly(after, [key])
    return { service: name, key, value, changed, notes: [...notes, ...asked] }
  })
}

/** The address is that of the pairing once the peer has not refused it: until then no old secret is shown there. */
async function setByPairing(
  app: App,
  segment: Segment,
  { name, key, pairing }: { readonly name: string; readonly key: string; readonly pairing: string },
): Promise<KeyChanged> {
  const wanted = remoteOfPairing(pairing)
  const leadThere = (service: Service): Service => reattached(withValue(service, key, wanted))
  const before = findService(segment, name)
  // Refused before a token is spent for it.
  leadThere(before)
  const paired = await acceptPairing(app, segment, name, pairing, leadThere)
  const after = findService(segment, name)
  const value = shownValue(after, key)
  return {
    service: name,
    key,
    value,
    changed: value !== shownValue(before, key),
    notes: [...keptOnly(after, [key]), paired],
  }
}

/** Whether the peer is this same segment, as far as it can be asked now. @throws SAME_SEGMENT */
const askOf = (app: App, segment: Segment, service: Service): Promise<string[]> =>
  askPeer(app, segment, service, async () => [])

const nothingStarted = (name: string): string =>
  `no gateway runs, and none was started: efs gateway start, or efs service enable ${name}`

const typedSecret = (name: string, key: string): EfsError =>
  new EfsError('USAGE', `${key} is a secret: on a command line others could read it`, {
    hint: `type: ${secretLine(name)}   (asks for it, or reads it from a pipe)`,
  })

interface SecretChange {
  readonly name: string
  readonly key: string
  readonly text: string
}

/** The mark is set after the secret and taken away before it, so that it never promises what is not there. */
async function setSecret(
  credentials: Credentials,
  segment: Segment,
  { name, key, text }: SecretChange,
): Promise<KeyChanged> {
  const owner = { segment: segment.guid, service: name }
  if (isUnset(text)) {
    const { before, after } = await changeService(segment, name, (service) => withValue(service, key, ''))
    await credentials.put(owner, undefined)
    return { service: name, key, value: shownValue(after, key), changed: hasSecret(before), notes: [] }
  }
  if (!isLine(text)) {
    throw new EfsError('USAGE', `${key} does not take what was given`, {
      hint: 'it takes one line without control characters',
    })
  }
  const changed = (await credentials.find(owner)) !== text
  if (changed) await credentials.put(owner, text)
  const { before } = await changeService(segment, name, (service) => withValue(service, key, MASK))
  return { service: name, key, value: MASK, changed: changed || !hasSecret(before), notes: [] }
}

export interface ServiceDeleted {
  readonly name: string
  /** How many peers had been given one for it. */
  readonly credentials: number
}

/** Deletes a service, its numbers, its secret, and what pairing gave out for it. @throws NOT_FOUND; NOT_EMPTY while it serves something; GUARD while it is enabled */
export function deleteService(app: App, name: string): Promise<ServiceDeleted> {
  return withSegment(app, async (segment) => {
    const isSecret = await segment.services.change(parseServiceName(name), (text) => {
      const service = serviceOf(segment, name, text)
      refuseInUse(service)
      return { after: undefined, result: hasSecret(service) }
    })
    await dropNumbers(gatewayFiles(app.home).stats, name)
    if (isSecret) await openCredentials(app).put({ segment: segment.guid, service: name }, undefined)
    return { name, credentials: await takeBack(segment, name) }
  })
}

function refuseInUse(service: Service): void {
  const { name, served } = service
  const [first] = served
  if (first !== undefined) {
    const more = served.length === 1 ? '' : ` and ${served.length - 1} more`
    throw new EfsError('NOT_EMPTY', `service ${name} still serves ${first.path}${more}`, {
      hint: `efs bucket detach ${first.path} ${name}`,
    })
  }
  if (shownValue(service, 'X-Status') !== 'enabled') return
  throw new EfsError('GUARD', `service ${name} is enabled`, { hint: `efs service disable ${name}` })
}
