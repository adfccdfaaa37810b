import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { decodeVersion } from '../../format/manifest.js'
import { decodeNode } from '../../format/node.js'
import type { LinkClient } from '../../link/client/client.js'
import { pollChanges } from '../../link/client/poll.js'
import { admitFrame, type Frame } from '../../link/protocol/body.js'
import { type BucketRef, OPS } from '../../link/protocol/ops.js'
import { type Chunk, type ChunkRef, plainOf } from '../../model/chunk.js'
import type { Listing, ListOptions, Parked } from '../../model/endpoint.js'
import type { ChangePage, LiveSource } from '../../model/live.js'
import type { Version } from '../../model/manifest.js'
import type { VersionRef } from '../../model/version-ref.js'
import { about } from './about.js'

/** What a bucket of a peer gives. Everything is verified here, whoever the peer is. */
export function remoteSource(client: LinkClient, bucket: BucketRef): LiveSource {
  return {
    kind: 'fetches',
    list: (options, parked) => remoteListing(client, bucket, options, parked),
    versions: (refs, options) =>
      inTurns(refs, LIMITS.parcelObjectsMax, async (some) => {
        const { message } = await client.call(OPS.versions, { bucket, refs: some }, about(bucket, options))
        return message.manifests.map((bytes, i) => admitVersion(some[i], bytes))
      }),
    fetch: (refs, options) =>
      inTurns(refs, LIMITS.missingRefsMax, async (some) => {
        const { frames } = await client.call(OPS.fetch, { bucket, refs: some }, about(bucket, options))
        return frames.map((frame, i) => admitAsked(some[i], frame))
      }),
    entries: (node) => decodeNode(plainOf(node)).entries,
    position: async (options) => (await client.call(OPS.position, { bucket }, about(bucket, options))).message.position,
    async changes(since, options): Promise<ChangePage | undefined> {
      const [news] = await pollChanges(client, [{ bucket, since }], { ...options, waitMs: 0 })
      switch (news?.kind) {
        case 'page':
          return news.page
        case 'failed':
          throw news.error
        case 'sent':
          return { refs: [], upTo: since, more: false }
        case 'plan':
        case undefined:
          return undefined
      }
    },
    tips: async (keys, options) => [
      ...(await client.call(OPS.tips, { bucket, keys }, about(bucket, options))).message.rows,
    ],
  }
}

/** The peer answers for as many from the front as it likes, but for one at least. */
async function inTurns<In, Out>(
  asked: readonly In[],
  most: number,
  ask: (some: readonly In[]) => Promise<readonly Out[]>,
): Promise<Out[]> {
  const all: Out[] = []
  while (all.length < asked.length) {
    const some = asked.slice(all.length, all.length + most)
    const answer = await ask(some)
    if (answer.length < 1 || answer.length > some.length) throw strange(`${answer.length} of ${some.length} asked for`)
    all.push(...answer)
  }
  return all
}

const strange = (what: string): EfsError => new EfsError('FAILED', `the peer answered with what was not asked: ${what}`)

/** @throws CORRUPT where the bytes are not the version that was asked for */
function admitVersion(asked: VersionRef | undefined, bytes: Uint8Array): Version {
  if (asked?.held === undefined) throw strange('one version too many')
  return decodeVersion(asked.held.id, bytes)
}

/** @throws CORRUPT where the bytes are not the chunk that was asked for */
function admitAsked(asked: ChunkRef | undefined, frame: Frame): Chunk {
  const { id, size, node } = frame.ref
  if (asked?.id !== id || asked.size !== size || asked.node !== node) throw strange(`chunk ${id.slice(0, 16)}`)
  return admitFrame(frame)
}

/** The next rows are on their way while these are looked at. */
async function* remoteListing(
  client: LinkClient,
  bucket: BucketRef,
  options: ListOptions,
  parked: (what: Parked) => void,
): Listing {
  const { prefix, deleted = false } = options
  const atMs = options.atMs === undefined ? undefined : Math.max(0, Math.floor(options.atMs))
  const ask = (after: ListOptions['after']) => {
    const answer = client.call(OPS.list, { bucket, after, prefix, deleted, atMs }, about(bucket, options))
    // It is awaited only when the rows before it have been looked at, which may be never.
    answer.catch(() => undefined)
    return answer
  }
  let next = ask(options.after)
  for (;;) {
    const { rows, more, parked: left } = (await next).message
    const last = rows.at(-1)
    if (more && last === undefined) throw strange('no rows, and more of them')
    if (more) next = ask(last?.key)
    for (const what of left) parked(what)
    for (const { key } of rows) if (!key.startsWith(prefix ?? '')) throw strange(`${key}, which has another prefix`)
    for (let from = 0; from < rows.length; from += LIMITS.pageRowsMax) yield rows.slice(from, from + LIMITS.pageRowsMax)
    if (!more) return
  }
}
