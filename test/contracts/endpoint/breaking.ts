import { expect } from 'vitest'
import { LIMITS } from '../../../src/base/limits.js'
import { CODEC } from '../../../src/model/chunk.js'
import type { Parcel, Reader } from '../../../src/model/endpoint.js'
import { asked, HOW } from '../../directory/reading.js'
import { run } from '../../transfer/runs.js'
import { done, fileOf, inlineFile, leaf } from '../samples.js'
import {
  bring,
  bucketOf,
  bytesOf,
  contentsOf,
  type Given,
  keysOf,
  MiB,
  publish,
  rowsOf,
  some,
  textsOf,
} from './hands.js'
import type { Case, Place } from './kind.js'

const ENOUGH = new Error('enough')

const turn = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

async function readerOf(place: Place): Promise<Reader> {
  const { source } = await place.open()
  if (source.kind !== 'reads') throw new Error('it has no bytes')
  return source
}

async function next(parcels: AsyncIterator<Parcel>): Promise<Parcel> {
  const { value, done: ended } = await parcels.next()
  if (ended === true) throw new Error('the parcels ended')
  return value
}

/** What ends in the middle, and several at once. */
export const BREAKING: readonly Case[] = [
  {
    name: 'what was put and not published is not there, nor after closing',
    async run(place) {
      const end = await place.open()
      const chunk = leaf('never published '.repeat(100))
      const large = some(1, LIMITS.s3PartBytesLeast)
      for (const [object, one] of [chunk, leaf(large.toString('latin1'))].entries()) {
        end.sink.begin?.([done(`f${object}`, { ...fileOf(one), size: one.ref.size + 40 * MiB }, object)])
        await end.sink.put([one], [{ object, offset: 0, ref: one.ref }])
      }
      expect(await rowsOf(end)).toEqual([])
      expect(await rowsOf(await place.open())).toEqual([])
      await end.close()
      expect(await rowsOf(await place.open())).toEqual([])
    },
  },
  {
    name: 'after an abort nothing is taken in, and its reason is told',
    async run(place) {
      const end = await place.open()
      const signal = AbortSignal.abort(ENOUGH)
      const chunk = leaf('too late '.repeat(100))
      const one = done('late', fileOf(chunk))
      end.sink.begin?.([one])
      const slices = [{ object: 0, offset: 0, ref: chunk.ref }]
      await expect(end.sink.put([chunk], slices, { signal })).rejects.toThrow(ENOUGH)
      const publishing = end.sink.publish([done('small', inlineFile('x'))], { overwrite: true, signal })
      await expect(publishing).rejects.toThrow(ENOUGH)
      expect(await rowsOf(await place.open())).toEqual([])
    },
  },
  {
    name: 'a run that is stopped in the middle leaves whole objects, and the next one completes it',
    async run(place) {
      const names = ['a', 'b', 'c']
      const given: Record<string, Given> = Object.fromEntries(
        names.map((key, i) => [key, { bytes: some(i * 4 * MiB, LIMITS.parcelBytesMax + 1) }]),
      )
      const stop = new AbortController()
      const end = await place.open()
      const stopped = run(
        { from: bucketOf(given), to: end },
        { signal: stop.signal, parcelsInFlight: 1, settled: () => stop.abort(ENOUGH) },
      )
      await expect(stopped).rejects.toThrow(ENOUGH)
      const left = await contentsOf(await place.open())
      expect(left.size).toBeLessThan(names.length)
      for (const [key, { bytes }] of left) expect(bytes.equals(given[key]?.bytes ?? Buffer.alloc(0))).toBe(true)
      await bring(given, await place.open())
      expect(await keysOf(await place.open())).toEqual(names)
    },
  },
  {
    name: 'two that write at once both get in',
    async run(place) {
      const ends = [await place.open(), await place.open()]
      const given = (who: number) =>
        Array.from({ length: 20 }, (_, i) => done(`w${who}/${i}`, inlineFile(`${who} ${i}`)))
      const results = await Promise.all(ends.map((end, who) => publish(end, ...given(who))))
      expect(new Set(results.flat().map(({ status }) => status))).toEqual(new Set(['published']))
      const there = await textsOf(await place.open())
      expect(Object.keys(there).length).toBe(40)
      expect([there['w0/7'], there['w1/19']]).toEqual(['0 7', '1 19'])
    },
  },
  {
    name: 'fetching ends with an abort',
    needs: 'chunks',
    async run(place) {
      const { source, sink } = await place.open()
      const chunk = leaf('here')
      await sink.put([chunk], [])
      if (source.kind !== 'fetches') throw new Error('it has no chunks')
      await expect(source.fetch([chunk.ref], { signal: AbortSignal.abort(ENOUGH) })).rejects.toThrow(ENOUGH)
    },
  },
  {
    name: 'the chunks of a parcel are loaded in any order, and again, compressed where it pays',
    needs: 'bytes',
    async run(place) {
      const given = { noise: { bytes: some(1, 300_000) }, text: { bytes: Buffer.from('all work\n'.repeat(9000)) } }
      await bring(given, await place.open())
      const source = await readerOf(place)
      const rows = (await rowsOf({ source })).filter(({ kind }) => kind === 'file')
      const parcels = source.read(asked(rows), { ...HOW, compress: true })[Symbol.asyncIterator]()
      const parcel = await next(parcels)
      const shuffled = parcel.slices.map(({ ref }) => ref).reverse()
      const loaded = await parcel.load([...shuffled, ...shuffled.slice(0, 1)])
      expect(loaded.map(({ ref }) => ref)).toEqual([...shuffled, ...shuffled.slice(0, 1)])
      expect([loaded.at(0)?.codec, loaded.at(-2)?.codec]).toEqual([CODEC.zstd, CODEC.plain])
      expect(await parcel.load([])).toEqual([])
      const bytes = await bytesOf(parcel)
      expect(bytes.equals(Buffer.concat([given.noise.bytes, given.text.bytes]))).toBe(true)
      parcel.release()
      expect((await parcels.next()).done).toBe(true)
    },
  },
  {
    name: 'no more parcels are out than may be, and one that is held when the reading ends can still be loaded',
    needs: 'bytes',
    async run(place) {
      const bytes = some(1, 3 * LIMITS.parcelBytesMax)
      await bring({ large: { bytes } }, await place.open())
      const source = await readerOf(place)
      const parcels = source
        .read(asked(await rowsOf({ source })), { ...HOW, parcelsInFlight: 1 })
        [Symbol.asyncIterator]()
      let parcel = await next(parcels)
      const second = parcels.next()
      const early = await Promise.race([second.then(() => 'early'), turn(200).then(() => 'waiting')])
      expect(early).toBe('waiting')
      const parts = [await bytesOf(parcel)]
      parcel.release()
      for (let coming = await second; coming.done !== true; coming = await parcels.next()) {
        parcel = coming.value
        parts.push(await bytesOf(parcel))
        if (parcel.done.length === 0) parcel.release()
      }
      expect((await bytesOf(parcel)).equals(parts.at(-1) ?? bytes)).toBe(true)
      parcel.release()
      expect(Buffer.concat(parts).equals(bytes)).toBe(true)
    },
  },
  {
    name: 'an abort ends a reading with its reason, in its middle and before it',
    needs: 'bytes',
    async run(place) {
      await bring({ large: { bytes: some(1, 3 * LIMITS.parcelBytesMax) } }, await place.open())
      const source = await readerOf(place)
      const rows = await rowsOf({ source })
      const stop = new AbortController()
      const how = { ...HOW, parcelsInFlight: 1, signal: stop.signal }
      const parcels = source.read(asked(rows), how)[Symbol.asyncIterator]()
      await next(parcels)
      const second = parcels.next()
      stop.abort(ENOUGH)
      await expect(second).rejects.toThrow(ENOUGH)
      const never = source.read(asked(rows), { ...HOW, signal: AbortSignal.abort(ENOUGH) })[Symbol.asyncIterator]()
      await expect(never.next()).rejects.toThrow(ENOUGH)
    },
  },
]
