import { LIMITS } from '../../base/limits.js'
import { encodeManifest } from '../../format/manifest.js'
import { decodeNode } from '../../format/node.js'
import { plainOf } from '../../model/chunk.js'
import type { ListOptions, Parked, PublishResult } from '../../model/endpoint.js'
import type { Guest } from '../../model/link.js'
import { checkpointsOf, type LiveBucket } from '../../model/live.js'
import type { Version } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { admitFrame, fitting } from '../protocol/body.js'
import { OPS, type OpName } from '../protocol/ops.js'
import { bitsOf } from '../protocol/values.js'
import { longPoll } from './long-poll.js'
import { openAt } from './open.js'
import { chunksRoute, type Route, route } from './route.js'

const MANIFESTS_AT_ONCE = 64

/** Every request of a session, except those that begin and end it. */
export const ROUTES: Readonly<Record<Exclude<OpName, 'hello' | 'pair' | 'leave'>, Route>> = {
  names: route(OPS.names, async ({ path }, { guest }) => ({ names: await guest.names(path) })),
  make: route(OPS.make, async ({ path, settings, parents }, { guest }) => ({
    name: await guest.make(path, settings, parents),
  })),
  open: route(OPS.open, async ({ path, need }, { guest }) => {
    const { label, uid, sink } = await guest.open(path, need)
    const { kind: chunking, bytes: chunkBytes } = sink.chunking
    return { label, uid, chunking, chunkBytes, compress: sink.compress }
  }),
  list: route(OPS.list, async ({ bucket, ...how }, { guest, signal }) =>
    rowsOf(await openAt(guest, bucket, 'list'), { ...present(how), signal }),
  ),
  versions: route(OPS.versions, async ({ bucket, refs }, { guest, signal }) => ({
    manifests: await manifestsOf(await openAt(guest, bucket, 'read'), refs, signal),
  })),
  fetch: chunksRoute(OPS.fetch, async ({ bucket, refs }, { guest, signal }) =>
    (await openAt(guest, bucket, 'read')).source.fetch(
      fitting(refs, ({ size }) => size),
      { signal },
    ),
  ),
  missing: route(OPS.missing, async ({ bucket, refs }, { guest, signal }) => {
    const missing = await (await openAt(guest, bucket, 'write')).sink.missing(refs, { signal })
    const ids = new Set(missing.map(({ id }) => id))
    return { missing: bitsOf(refs, ({ id }) => ids.has(id)) }
  }),
  lacking: route(OPS.lacking, async ({ bucket, refs }, { guest, signal }) => {
    const lacking = await (await openAt(guest, bucket, 'write')).sink.lacking(refs, { signal })
    const names = new Set(lacking.map(nameOf))
    return { lacking: bitsOf(refs, (ref) => names.has(nameOf(ref))) }
  }),
  put: route(OPS.put, async ({ bucket }, { guest, signal, frames }) => {
    const { sink } = await openAt(guest, bucket, 'write')
    const chunks = frames.map(admitFrame)
    for (const chunk of chunks) if (chunk.ref.node) decodeNode(plainOf(chunk))
    await sink.put(chunks, [], { signal })
    return {}
  }),
  publish: route(OPS.publish, async ({ bucket, done, overwrite }, { guest, signal }) => {
    const { sink } = await openAt(guest, bucket, 'write')
    return { results: bounded(await sink.publish(done, { overwrite, signal })) }
  }),
  take: route(OPS.take, async ({ bucket, done, move }, { guest, signal }) => {
    const { sink } = await openAt(guest, bucket, 'write')
    const options = { by: guest.segment, signal, ...(move && { move: { ...move, name: keptAs(move.name, guest) } }) }
    return { results: bounded(await sink.take(done, options)) }
  }),
  checkpoint: route(OPS.checkpoint, async ({ bucket, name }, { guest, signal }) => {
    const { sink } = await openAt(guest, bucket, 'write')
    return { checkpoint: await sink.checkpoint(keptAs(name, guest), { signal }) }
  }),
  retries: route(OPS.retries, async ({ bucket, name, after }, { guest, signal }) => {
    const { sink } = await openAt(guest, bucket, 'write')
    return { retries: await sink.retries(keptAs(name, guest), after, { signal }) }
  }),
  position: route(OPS.position, async ({ bucket }, { guest, signal }) => ({
    position: await (await openAt(guest, bucket, 'list')).source.position({ signal }),
  })),
  changes: route(OPS.changes, longPoll),
  tips: route(OPS.tips, async ({ bucket, keys }, { guest, signal }) => ({
    rows: await (await openAt(guest, bucket, 'list')).source.tips(keys, { signal }),
  })),
  digest: route(OPS.digest, async ({ bucket, cells, glance }, { guest }) => {
    const { digested } = await openAt(guest, bucket, 'list')
    return {
      objects: digested.objects,
      bytes: digested.bytes,
      content: digested.digest('content'),
      full: digested.digest('full'),
      cells: cells === undefined ? undefined : Buffer.from(digested.cells(cells).join(''), 'hex'),
      damage: glance ? await guest.glance() : undefined,
    }
  }),
}

/** How far the sources of others are, and what of theirs is to be tried again, is no guest's to see or to move: other names are its own alone. */
const keptAs = (name: string, { segment }: Guest): string =>
  name.startsWith(checkpointsOf(segment)) ? name : `guest:${segment}:${name}`

type Asked = { readonly [K in keyof ListOptions]: ListOptions[K] | undefined }

const present = ({ after, prefix, deleted, atMs }: Asked): ListOptions => ({
  ...(after === undefined ? undefined : { after }),
  ...(prefix === undefined ? undefined : { prefix }),
  ...(deleted === undefined ? undefined : { deleted }),
  ...(atMs === undefined ? undefined : { atMs }),
})

/** The first rows of a listing. */
async function rowsOf(
  { source }: LiveBucket,
  options: ListOptions,
): Promise<{ rows: VersionRef[]; more: boolean; parked: Parked[] }> {
  const rows: VersionRef[] = []
  const parked: Parked[] = []
  for await (const page of source.list(options, (what) => parked.push(what))) {
    rows.push(...page)
    if (rows.length + LIMITS.pageRowsMax > LIMITS.linkRowsMax) return { rows, more: true, parked }
  }
  return { rows, more: false, parked }
}

/** As many from the front as an answer holds. */
async function manifestsOf(
  { source }: LiveBucket,
  refs: readonly VersionRef[],
  signal: AbortSignal,
): Promise<Uint8Array[]> {
  const manifests: Uint8Array[] = []
  for (let from = 0; from < refs.length; from += MANIFESTS_AT_ONCE) {
    const versions = await source.versions(refs.slice(from, from + MANIFESTS_AT_ONCE), { signal })
    manifests.push(...versions.map(({ manifest }: Version) => encodeManifest(manifest).bytes))
    const fit = fitting(manifests, ({ length }) => length)
    if (fit.length < manifests.length) return [...fit]
  }
  return manifests
}

const nameOf = ({ key, held }: VersionRef): string => `${held?.id} ${key}`

/** A tree may lack more chunks than an answer holds: those that are named are put, and the others are asked for then. */
function bounded(results: readonly PublishResult[]): PublishResult[] {
  let left: number = LIMITS.missingRefsMax
  return results.map((result) => {
    if (result.status !== 'needs') return result
    const refs = result.refs.slice(0, Math.max(1, left))
    left -= refs.length
    return { status: 'needs', refs }
  })
}
