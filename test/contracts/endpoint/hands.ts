import { expect } from 'vitest'
import { plainOf } from '../../../src/model/chunk.js'
import type { ListOptions, Parcel, PublishResult } from '../../../src/model/endpoint.js'
import { isFolderKey, ROOT_FOLDER } from '../../../src/model/key.js'
import type { Attributes, Content, KindName } from '../../../src/model/manifest.js'
import type { VersionRef } from '../../../src/model/version-ref.js'
import { noise } from '../../chunker/bytes.js'
import { MemoryBucket } from '../../fakes/memory-bucket.js'
import { run } from '../../transfer/runs.js'
import { done, inlineFile } from '../samples.js'
import type { End } from './kind.js'

const CHUNK_BYTES = 65_536

export const MiB = 1 << 20

/** Made once: making them takes longer than what is done with them. */
const NOISE = noise(1, 18 * MiB)

/** Bytes that no others resemble, unless of the same `from`. */
export const some = (from: number, length: number): Buffer => NOISE.subarray(from, from + length)

/** What is to be brought to a place. A folder's key ends in `/`. */
export interface Given {
  readonly bytes?: Uint8Array
  readonly kind?: KindName
  readonly attributes?: Attributes
}

export interface Back {
  readonly kind: KindName
  readonly bytes: Buffer
  readonly attributes: Attributes
}

export function bucketOf(objects: Readonly<Record<string, Given>>): MemoryBucket {
  const bucket = new MemoryBucket(undefined, CHUNK_BYTES)
  for (const [key, { bytes = Buffer.alloc(0), attributes = {}, kind }] of Object.entries(objects)) {
    bucket.write(key, bytes, attributes, kind ?? (isFolderKey(key) ? 'folder' : 'file'))
  }
  return bucket
}

/** Brings all of it by the engine, and makes the place as it is. */
export async function bring(objects: Readonly<Record<string, Given>>, to: End): Promise<void> {
  const { report } = await run({ from: bucketOf(objects), to })
  expect(report.parked).toEqual([])
}

/** All that is there, read by the engine into a bucket that proves trees, sizes and hashes. */
export async function contentsOf(from: End): Promise<ReadonlyMap<string, Back>> {
  const to = new MemoryBucket(undefined, CHUNK_BYTES)
  expect((await run({ from, to })).report.parked).toEqual([])
  return new Map(
    [...to.heads].map(([key, { manifest }]) => {
      const { kind, attributes } = manifest
      return [key, { kind, attributes, bytes: Buffer.from(to.bytesOf(manifest)) }]
    }),
  )
}

/** With extended attributes that compare by their bytes. */
export function plainXattrs({ xattrs, ...rest }: Attributes): Attributes {
  if (xattrs === undefined) return rest
  return { ...rest, xattrs: Object.fromEntries(Object.entries(xattrs).map(([name, one]) => [name, Buffer.from(one)])) }
}

/** The texts of objects that are small. */
export async function textsOf(from: End): Promise<Record<string, string>> {
  const objects = [...(await contentsOf(from))].filter(([key]) => !isFolderKey(key))
  return Object.fromEntries(objects.map(([key, { bytes }]) => [key, bytes.toString()]))
}

/** Rows as they come; the folder that all stands in is not every kind's to tell. */
export async function rowsOf({ source }: Pick<End, 'source'>, options: ListOptions = {}): Promise<VersionRef[]> {
  const rows: VersionRef[] = []
  for await (const page of source.list(options, ({ key, why }) => expect.fail(`${key} is parked: ${why}`))) {
    rows.push(...page.filter(({ key }) => key !== ROOT_FOLDER))
  }
  return rows
}

/** Of what has a name and content; folders come with it in some kinds. */
export const keysOf = async (end: Pick<End, 'source'>, options?: ListOptions): Promise<string[]> =>
  (await rowsOf(end, options)).map(({ key }) => key).filter((key) => !isFolderKey(key))

export const rowOf = async (end: End, key: string): Promise<VersionRef> =>
  (await rowsOf(end)).find((row) => row.key === key) ?? expect.fail(`no row of ${key}`)

export const publish = ({ sink }: End, ...all: readonly ReturnType<typeof done>[]): Promise<PublishResult[]> =>
  sink.publish(
    all.map((one, object) => ({ ...one, object })),
    { overwrite: true },
  )

export async function publishOne(end: End, key: string, content: Content = inlineFile('x')): Promise<string> {
  const [result] = await publish(end, done(key, content))
  return result?.status ?? 'no result'
}

/** The status, or why it was parked. */
export const told = (results: readonly PublishResult[]): string[] =>
  results.map((result) => ('why' in result ? result.why : result.status))

/** The plain bytes of all slices of a parcel, in the order of the slices. */
export async function bytesOf(parcel: Parcel): Promise<Buffer> {
  const chunks = await parcel.load(parcel.slices.map(({ ref }) => ref))
  return Buffer.concat(chunks.map(plainOf))
}
