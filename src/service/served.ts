import { EfsError } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { nameFault } from '../model/name.js'
import type { Served, Service } from '../model/service.js'
import { mirrorPlace } from './remote-of.js'

/** `Hawaii/Cola/bk1,as=Hawaii-r/Cola/bk1,pause`: a path with its options. @throws USAGE */
export function parseServed(text: string): Served {
  const [path = '', ...options] = text.split(',')
  let served: Served = { path: parsePath(path), pause: false }
  for (const option of options) {
    const [, name = option, value] = /^([^=]*)=(.*)$/s.exec(option) ?? []
    if (name === 'pause' && value === undefined) served = { ...served, pause: true }
    else if (name === 'as' && value !== undefined) served = { ...served, as: value }
    else throw noOption(option, name)
  }
  return checked(served)
}

function noOption(option: string, name: string): EfsError {
  const near = nearest(name, ['pause', 'as'])
  return new EfsError('USAGE', `no option ${JSON.stringify(option.slice(0, 80))} of a served path`, {
    hint:
      near === undefined
        ? 'there is pause, and as=BUCKET; a bucket with a comma in its name is made here first'
        : `did you mean ${near === 'as' ? 'as=BUCKET' : near}?`,
  })
}

/** The path of a bucket or of a tenant, and at the peer a name of the same kind. @throws USAGE */
export function checked(served: Served): Served {
  parsePath(served.path)
  if (served.as === undefined) return served
  if (parsePath(served.as).split('/').length !== served.path.split('/').length) {
    throw new EfsError('USAGE', `${served.path} and ${served.as} are not of one kind`, {
      hint: 'a bucket goes to a bucket, as in Hawaii-r/Cola/bk1, and a tenant to a tenant, as in Hawaii-r/Cola',
    })
  }
  const { as, ...own } = served
  return as === served.path ? own : served
}

function parsePath(text: string): string {
  const parts = text.split('/')
  const fault = parts.map(nameFault).find((why) => why !== undefined)
  if (fault === undefined && (parts.length === 2 || parts.length === 3)) return text
  throw new EfsError(
    'USAGE',
    `not the name of a bucket or a tenant: ${JSON.stringify(text.slice(0, 300))}${fault === undefined ? '' : ` (${fault})`}`,
    { hint: SLASHED.test(text) ? `did you mean ${text.slice(0, -1)}?` : FORMS },
  )
}

const FORMS = 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1'
const SLASHED = /^[^/]+(?:\/[^/]+){1,2}\/$/

/** As `parseServed` takes it. */
export const servedText = ({ path, as, pause }: Served): string =>
  [path, ...(as === undefined ? [] : [`as=${as}`]), ...(pause ? ['pause'] : [])].join(',')

/** The service with that path served so; options of before are replaced. @throws USAGE, EXISTS where two would end up in one place */
export function withServed(service: Service, served: Served): Service {
  const others = service.served.filter(({ path }) => path !== served.path)
  const mirror = mirrorPlace(service)
  if (mirror !== undefined && served.as !== undefined) {
    const what = mirror.remote.kind === 'directory' ? 'a directory and has no buckets' : 'one place for one bucket'
    throw new EfsError('USAGE', `${mirror.text} is ${what}`, { hint: 'leave --as away' })
  }
  const place = (one: Served): string => mirror?.text ?? one.as ?? one.path
  const twin = others.find((one) => place(one) === place(served))
  if (twin !== undefined) {
    const other = mirror === undefined ? 'name another one with --as' : `make another service for ${served.path}`
    throw new EfsError('EXISTS', `${place(served)} is where ${service.name} has ${twin.path} already`, {
      hint: `efs bucket detach ${twin.path} ${service.name}, or ${other}`,
    })
  }
  const at = service.served.findIndex(({ path }) => path === served.path)
  return { ...service, served: at < 0 ? [...others, served] : service.served.with(at, served) }
}

/** The service after its keys have changed, if what it serves still goes together. @throws as `withServed` */
export const reattached = (service: Service): Service =>
  service.served.reduce<Service>(withServed, { ...service, served: [] })

/** The served path that a text means, with its options or without. @throws NOT_FOUND with the nearest */
export function servedBy({ name, served }: Service, text: string): Served {
  const found = served.find((one) => one.path === text || servedText(one) === text)
  if (found !== undefined) return found
  const paths = served.map(({ path }) => path)
  const near = nearest(text, paths)
  const has = paths.length === 0 ? 'it serves nothing' : `it serves ${paths.slice(0, 5).join(', ')}`
  throw new EfsError('NOT_FOUND', `service ${name} does not serve ${text.slice(0, 300)}`, {
    hint: near === undefined ? has : `did you mean ${near}?`,
  })
}

export const withoutServed = (service: Service, { path }: Served): Service => ({
  ...service,
  served: service.served.filter((one) => one.path !== path),
})
