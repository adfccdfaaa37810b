import { EfsError } from '../base/errors.js'
import type { Served, Service } from '../model/service.js'
import { checked } from './served.js'
import { newService } from './service.js'
import { keysOf, parseServiceType } from './types.js'

const FORMAT = 1

/** The text of the file that holds a service: the same for the same service, however it came about. */
export function serviceDocument({ name, type, set, served }: Service): string {
  const inOrder = Object.fromEntries(keysOf(type).flatMap(({ key }) => (key in set ? [[key, set[key]]] : [])))
  const paths = served.map(({ path, as, pause }) => ({ path, as, pause }))
  return `${JSON.stringify({ format: FORMAT, name, type, set: inOrder, served: paths }, null, 2)}\n`
}

/** Reads only what `serviceDocument` writes. @throws NEWER_FORMAT, CORRUPT */
export function parseService(name: string, text: string): Service {
  try {
    const { format, ...fields } = recordOf(JSON.parse(text))
    if (typeof format === 'number' && format > FORMAT) throw newer(name, format)
    if (format !== FORMAT) throw new TypeError('format')
    return serviceOf(name, fields)
  } catch (cause) {
    if (cause instanceof EfsError && cause.code === 'NEWER_FORMAT') throw cause
    throw new EfsError('CORRUPT', `the definition of service ${name} is damaged (services/${name}.json)`, {
      hint: 'put that file back from a backup; or delete it, and make the service again',
      cause,
    })
  }
}

const newer = (name: string, format: number): EfsError =>
  new EfsError('NEWER_FORMAT', `service ${name} has format ${format}, this efs knows up to ${FORMAT}`, {
    hint: 'use a newer efs',
  })

function serviceOf(name: string, fields: Readonly<Record<string, unknown>>): Service {
  const { name: own, type, set, served, ...others } = fields
  if (own !== name || typeof type !== 'string' || !Array.isArray(served)) throw new TypeError('fields')
  refuseMore(others)
  const values = Object.entries(recordOf(set)).map(([key, value]): [string, string] => [key, textOf(value)])
  const service = newService(parseServiceType(type), name, Object.fromEntries(values))
  for (const [key, value] of values) if (service.set[key] !== value) throw new TypeError(key)
  const all = served.map(servedOf)
  if (new Set(all.map(({ path }) => path)).size < all.length) throw new TypeError('a path twice')
  return { ...service, served: all }
}

function servedOf(value: unknown): Served {
  const { path, as, pause, ...others } = recordOf(value)
  refuseMore(others)
  if (typeof pause !== 'boolean') throw new TypeError('pause')
  return checked({ path: textOf(path), pause, ...(as === undefined ? {} : { as: textOf(as) }) })
}

function refuseMore(others: Readonly<Record<string, unknown>>): void {
  const [more] = Object.keys(others)
  if (more !== undefined) throw new TypeError(more)
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}
