import type { Segment } from '../../model/segment.js'
import type { Served, ServedStats, Service, ServiceType } from '../../model/service.js'
import { secretLine } from '../../service/key-rule.js'
import { hasSecret, rowsOf, shownValue } from '../../service/service.js'
import { ruleOf } from '../../service/types.js'
import { type App, withRecords } from '../app.js'
import { secretOf } from '../credentials/open.js'
import { findService } from './files.js'
import { serviceNow } from './numbers.js'

/** A served path as it is listed, and as `service serve` takes it. */
export { servedText } from '../../service/served.js'

export interface ServiceShown {
  readonly name: string
  readonly type: ServiceType
  /** Every key with its value, in order; a secret is masked. */
  readonly keys: readonly (readonly [key: string, value: string])[]
  readonly served: readonly ServedShown[]
}

export interface ServedShown extends Served {
  /** Present where the numbers were asked for. */
  readonly stats?: ServedStats
}

/** The names that start with `prefix`, in byte order. @throws NOT_FOUND where no segment is */
export const listServices = (app: App, prefix: string): Promise<string[]> =>
  withRecords(app, async ({ services }) => services.names().filter((name) => name.startsWith(prefix)))

/** @throws USAGE; NOT_FOUND with the nearest; CORRUPT, NEWER_FORMAT */
export function showService(app: App, name: string, options: { readonly stats: boolean }): Promise<ServiceShown> {
  return withRecords(app, async (segment) => {
    const service = findService(segment, name)
    await tellLostSecret(app, segment, service)
    const shown = shownOf(service)
    if (!options.stats) return shown
    return { ...shown, served: (await serviceNow(app, segment, service)).served }
  })
}

export const shownOf = (service: Service): ServiceShown => ({
  name: service.name,
  type: service.type,
  keys: rowsOf(service),
  served: service.served,
})

/** A home that came from another machine, or became another segment, left its secrets behind. */
async function tellLostSecret(app: App, { guid }: Segment, service: Service): Promise<void> {
  if (!hasSecret(service)) return
  if ((await secretOf(app, { segment: guid, service: service.name })) !== undefined) return
  app.note(`the secret of ${service.name} is not on this machine: ${secretLine(service.name)}`)
}

/** The value of one key; a secret is masked. @throws USAGE with the nearest key; NOT_FOUND, CORRUPT, NEWER_FORMAT */
export function readKey(app: App, name: string, key: string): Promise<string> {
  return withRecords(app, async (segment) => {
    const service = findService(segment, name)
    ruleOf(service.type, key)
    return shownValue(service, key)
  })
}
