import { documentText, type Fields, fieldsOf, parseDocument, textOf } from '../base/json-fields.js'
import type { Served, Service } from '../model/service.js'
import { checked } from './served.js'
import { newService } from './service.js'
import { keysOf, parseServiceType } from './types.js'

/** The text of the file that holds a service: the same for the same service, however it came about. */
export function serviceDocument({ name, type, set, served }: Service): string {
  const inOrder = Object.fromEntries(keysOf(type).flatMap(({ key }) => (key in set ? [[key, set[key]]] : [])))
  const paths = served.map(({ path, as, pause }) => ({ path, as, pause }))
  return documentText({ name, type, set: inOrder, served: paths })
}

/** Reads only what `serviceDocument` writes. @throws NEWER_FORMAT, CORRUPT */
export function parseService(name: string, text: string): Service {
  const words = {
    name: `service ${name}`,
    damaged: `the definition of service ${name} is damaged (services/${name}.json)`,
    hint: 'put that file back from a backup; or delete it, and make the service again',
  }
  return parseDocument(words, text, (fields) => serviceOf(name, fields))
}

function serviceOf(name: string, fields: Fields): Service {
  const { name: own, type, set, served, ...others } = fields
  if (own !== name || typeof type !== 'string' || !Array.isArray(served)) throw new TypeError('fields')
  refuseMore(others)
  const values = Object.entries(fieldsOf(set)).map(([key, value]): [string, string] => [key, textOf(value)])
  const service = newService(parseServiceType(type), name, Object.fromEntries(values))
  for (const [key, value] of values) if (service.set[key] !== value) throw new TypeError(key)
  const all = served.map(servedOf)
  if (new Set(all.map(({ path }) => path)).size < all.length) throw new TypeError('a path twice')
  return { ...service, served: all }
}

function servedOf(value: unknown): Served {
  const { path, as, pause, ...others } = fieldsOf(value)
  refuseMore(others)
  if (typeof pause !== 'boolean') throw new TypeError('pause')
  return checked({ path: textOf(path), pause, ...(as === undefined ? {} : { as: textOf(as) }) })
}

function refuseMore(others: Fields): void {
  const [more] = Object.keys(others)
  if (more !== undefined) throw new TypeError(more)
}
