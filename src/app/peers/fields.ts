import { EfsError } from '../../base/errors.js'

export type Fields = Readonly<Record<string, unknown>>

const FORMAT = 1

export const documentText = (fields: Fields): string => `${JSON.stringify({ format: FORMAT, ...fields }, null, 2)}\n`

/** Reads what `documentText` wrote. `file` is how the error names it. @throws NEWER_FORMAT, CORRUPT */
export function parseDocument<T>(file: string, text: string, read: (fields: Fields) => T): T {
  try {
    const fields = fieldsOf(JSON.parse(text))
    if (typeof fields.format === 'number' && fields.format > FORMAT) throw newer(file, fields.format)
    if (fields.format !== FORMAT) throw new TypeError('format')
    return read(fields)
  } catch (cause) {
    if (cause instanceof EfsError && cause.code === 'NEWER_FORMAT') throw cause
    throw new EfsError('CORRUPT', `what is known of peers is damaged (${file})`, {
      hint: 'put that file back from a backup; or delete it, and pair again',
      cause,
    })
  }
}

const newer = (file: string, format: number): EfsError =>
  new EfsError('NEWER_FORMAT', `${file} has format ${format}, this efs knows up to ${FORMAT}`, {
    hint: 'use a newer efs',
  })

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
