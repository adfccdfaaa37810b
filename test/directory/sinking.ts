import { systemClock } from '../../src/base/clock.js'
import { hashHex } from '../../src/base/hash.js'
import { DirectorySink } from '../../src/endpoints/directory/sink.js'
import { chunkIdOf, makeChunk } from '../../src/model/chunk.js'
import type { Done, Parked, PublishResult } from '../../src/model/endpoint.js'
import type { ContentHash } from '../../src/model/ids.js'
import type { ObjectKey } from '../../src/model/key.js'
import { type Attributes, type Content, DELETION, type KindName } from '../../src/model/manifest.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { listAll, parcelsOf } from './reading.js'

const EMPTY = new Uint8Array()

/** Content small enough to be inline. */
export function small(kind: KindName, text = '', attributes: Attributes = {}): Content {
  const inline = Buffer.from(text)
  const contentHash = hashHex(inline) as ContentHash
  return { kind, size: inline.length, contentHash, attributes, root: { inline } }
}

/** Something for a sink to take, under any key: the sink has to defend itself. */
export const done = (key: string, content: Content, there?: VersionRef, object = 0): Done => ({
  object,
  key: key as ObjectKey,
  content,
  ...(there && { there }),
})

export const file = (key: string, text = 'text', attributes: Attributes = {}): Done =>
  done(key, small('file', text, attributes))
export const folder = (key: string, attributes: Attributes = {}): Done => done(key, small('folder', '', attributes))
export const link = (key: string, target: string): Done => done(key, small('link', target))
export const deleted = (key: string, there?: VersionRef): Done => done(key, DELETION, there)

export async function* pages(...all: Done[][]): AsyncGenerator<Done[]> {
  yield* all
}

export const sinkOf = (root: string): DirectorySink => new DirectorySink(root, systemClock)

/** Publishes in one call what needs no chunks. */
export const publish = (root: string, ...all: Done[]): Promise<PublishResult[]> =>
  sinkOf(root).publish(
    all.map((one, object) => ({ ...one, object })),
    { overwrite: true },
  )

/** `published`, or the reason why not. */
export const told = (results: readonly PublishResult[]): string[] =>
  results.map((result) => ('why' in result ? result.why : result.status))

/** One chunk of an object, and where it goes. */
export function slice(object: number, offset: number, bytes: Uint8Array, compress = false) {
  const chunk = makeChunk(bytes, false, compress)
  return { chunk, slice: { object, offset, ref: chunk.ref } }
}

/** A file of these bytes at these offsets; everything between is a hole. */
export function sparse(size: number): Content {
  const ref = { id: chunkIdOf(EMPTY), size: 0, node: true }
  return { ...small('file'), size, root: { ref, depth: 1 } }
}

/** Copies a directory through chunks, as the engine does; `rows` are the objects of `from` to copy. */
export async function copyAll(from: string, to: string, rows: readonly VersionRef[]): Promise<Parked[]> {
  const sink = sinkOf(to)
  const parked: Parked[] = []
  const there = new Map((await listAll(to)).rows.map((row) => [row.key, row]))
  for await (const parcel of parcelsOf(from, rows, { compress: true })) {
    parked.push(...parcel.parked)
    const leaves = await parcel.load(parcel.slices.map(({ ref }) => ref))
    await sink.put([...leaves, ...parcel.nodes], parcel.slices)
    parcel.release()
    const known = parcel.done.map((one): Done => {
      const found = there.get(one.key)
      return found === undefined ? one : { ...one, there: found }
    })
    for (const [index, result] of (await sink.publish(known, { overwrite: true })).entries()) {
      if (result.status === 'parked') parked.push({ key: known[index]?.key ?? ('?' as ObjectKey), why: result.why })
    }
  }
  parked.push(...(await sink.finish(pages(await foldersOf(from)))))
  sink.close()
  return parked
}

async function foldersOf(root: string): Promise<Done[]> {
  const { rows } = await listAll(root)
  return rows
    .filter(({ kind }) => kind === 'folder')
    .map(({ key, mode, mtimeNs }) =>
      folder(key, { ...(mode === undefined ? {} : { mode }), ...(mtimeNs === undefined ? {} : { mtimeNs }) }),
    )
}
