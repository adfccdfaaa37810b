import { type ObjectKey, objectKey } from '../model/key.js'
import type { Cbor } from './cbor.js'
import { bytesOf, bytesOfHex, damaged, hexOf, listOf, mapOf, textOf, wholeOf } from './fields.js'

/** How values of one type are written as dag-cbor and read back. One declaration serves both ends, so they cannot differ. */
export interface Shape<T> {
  write(value: T): Cbor
  /** @throws CORRUPT, BAD_KEY where the value is none of `T`, or larger than its limit */
  read(value: Cbor | undefined): T
}

export type TypeOf<S> = S extends Shape<infer T> ? T : never

const shapeOf = <T>(write: (value: T) => Cbor, read: (value: Cbor | undefined) => T): Shape<T> => ({ write, read })

export const flag: Shape<boolean> = shapeOf(
  (value) => value,
  (value) => {
    if (typeof value !== 'boolean') throw damaged('a yes or no is missing')
    return value
  },
)

/** An integer from 0 on that a double holds exactly. */
export const whole: Shape<number> = shapeOf((value) => value, wholeOf)

export const text = (bytesMax: number): Shape<string> =>
  shapeOf(
    (value) => value,
    (value) => {
      const read = textOf(value)
      if (Buffer.byteLength(read) > bytesMax) throw damaged(`a text of more than ${bytesMax} bytes`)
      return read
    },
  )

export const bytes = (bytesMax: number): Shape<Uint8Array> =>
  shapeOf(
    (value) => value,
    (value) => {
      const read = bytesOf(value)
      if (read.length > bytesMax) throw damaged(`${read.length} bytes where at most ${bytesMax} belong`)
      return read
    },
  )

/** An id or GUID, as bytes. */
export const hex = <T extends string>(length: 16 | 32): Shape<T> =>
  shapeOf(bytesOfHex, (value) => hexOf(value, length) as T)

export const key: Shape<ObjectKey> = shapeOf(
  (value) => value,
  (value) => objectKey(textOf(value)),
)

export const oneOf = <const T extends string>(names: readonly T[]): Shape<T> =>
  shapeOf(
    (value) => value,
    (value) => {
      const name = names.find((one) => one === value)
      if (name === undefined) throw damaged(`none of ${names.join(', ')}`)
      return name
    },
  )

/** What may be absent: left out of a map, null in a list. */
export const maybe = <T>(of: Shape<T>): Shape<T | undefined> =>
  shapeOf(
    (value) => (value === undefined ? null : of.write(value)),
    (value) => (value === undefined || value === null ? undefined : of.read(value)),
  )

export const list = <T>(of: Shape<T>, most: number): Shape<readonly T[]> =>
  shapeOf(
    (values) => values.map((value) => of.write(value)),
    (value) => {
      const items = listOf(value)
      if (items.length > most) throw damaged(`${items.length} items where at most ${most} belong`)
      return items.map((item) => of.read(item))
    },
  )

/** Free names with values, as a list of pairs. */
export const record = <T>(of: Shape<T>, most: number, nameBytesMax: number): Shape<Readonly<Record<string, T>>> =>
  mapped(
    list(pair(text(nameBytesMax), of), most),
    (value) => Object.entries(value),
    (pairs) => Object.fromEntries(pairs),
  )

const pair = <A, B>(a: Shape<A>, b: Shape<B>): Shape<readonly [A, B]> =>
  shapeOf(
    ([first, second]) => [a.write(first), b.write(second)],
    (value) => [a.read(listOf(value)[0]), b.read(listOf(value)[1])],
  )

/** A map. Fields that are not known are passed over, so that a later version may add some. */
export function struct<F extends Readonly<Record<string, Shape<unknown>>>>(
  fields: F,
): Shape<{ readonly [K in keyof F]: TypeOf<F[K]> }> {
  const shapes = Object.entries(fields)
  return shapeOf(
    (value) => {
      const written = shapes.map(([name, shape]): [string, Cbor] => [name, shape.write(value[name])])
      return Object.fromEntries(written.filter(([, field]) => field !== null))
    },
    (value) => {
      const map = mapOf(value)
      const read = Object.fromEntries(shapes.map(([name, shape]) => [name, shape.read(map[name])]))
      return read as { readonly [K in keyof F]: TypeOf<F[K]> }
    },
  )
}

/** The same on the wire, another type in the program. */
export const mapped = <A, B>(of: Shape<A>, from: (value: B) => A, to: (value: A) => B): Shape<B> =>
  shapeOf(
    (value) => of.write(from(value)),
    (value) => to(of.read(value)),
  )
