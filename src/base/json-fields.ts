import { EfsError } from './errors.js'

/** An object out of JSON, of whose fields nothing is known yet. */
export type Fields = Readonly<Record<string, unknown>>

/** The format of all documents that `documentText` writes. */
const FORMAT = 1

export const documentText = (fields: Fields): string => `${JSON.stringify({ format: FORMAT, ...fields }, null, 2)}\n`

/** How errors name a document. */
export interface DocumentWords {
  readonly name: string
  readonly damaged: string
  readonly hint: string
}

/** Reads what `documentText` wrote; `read` gets the other fields. @throws NEWER_FORMAT, CORRUPT */
export function parseDocument<T>({ name, damaged, hint }: DocumentWords, text: string, read: (fields: Fields) => T): T {
  try {
    const { format, ...fields } = fieldsOf(JSON.parse(text))
    if (typeof format === 'number' && format > FORMAT) throw newer(name, format)
    if (format !== FORMAT) throw new TypeError('format')
    return read(fields)
  } catch (cause) {
    if (cause instanceof EfsError && cause.code === 'NEWER_FORMAT') throw cause
    throw new EfsError('CORRUPT', damaged, { hint, cause })
  }
}

const newer = (name: string, format: number): EfsError =>
  new EfsError('NEWER_FORMAT', `${name} has format ${format}, this efs knows up to ${FORMAT}`, {
    hint: 'use a newer efs',
  })

/** Undefined where it is no JSON. What the parser says is dropped: it quotes the text. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** None where it is no object. */
export const fieldsOrNone = (value: unknown): Fields =>
  typeof value === 'object' && value !== null ? (value as Fields) : {}

// All below throw TypeError for what is something else.

export function fieldsOf(value: unknown): Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new TypeError('not an object')
  return value as Fields
}

export function listOf<T>(value: unknown, read: (fields: Fields) => T): T[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value.map((one: unknown) => read(fieldsOf(one)))
}

export function textsOf(value: unknown): string[] {
  if (!Array.isArray(value)) throw new TypeError('not a list')
  return value.map(textOf)
}

export function textOf(value: unknown): string {
  if (typeof value !== 'string') throw new TypeError('not a text')
  return value
}

export function hashOf(value: unknown): string {
  const text = textOf(value)
  if (!/^[0-9a-f]{64}$/.test(text)) throw new TypeError('not a hash')
  return text
}

export function timeOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a time')
  return Number(value)
}
