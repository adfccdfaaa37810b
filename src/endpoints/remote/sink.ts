import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { LinkClient } from '../../link/client/client.js'
import { parts } from '../../link/protocol/body.js'
import { type BucketRef, OPS } from '../../link/protocol/ops.js'
import { withBits } from '../../link/protocol/values.js'
import type { Done, Fetcher, PublishResult } from '../../model/endpoint.js'
import type { CheckpointMove, LiveSink } from '../../model/live.js'
import type { Storing } from '../../model/settings.js'
import { about } from './about.js'

/** What a bucket of a peer takes. What comes from us is known to be what it says: only the peer checks it. */
export function remoteSink(client: LinkClient, bucket: BucketRef, storing: Storing, list: Fetcher['list']): LiveSink {
  return {
    plain: false,
    ...storing,
    list,
    async missing(refs, options) {
      if (refs.length === 0) return []
      const { message } = await client.call(OPS.missing, { bucket, refs }, about(bucket, options))
      return withBits(refs, message.missing)
    },
    async put(chunks, _slices, options) {
      for (const part of parts(chunks, ({ data }) => data.length)) {
        await client.call(OPS.put, { bucket }, { ...about(bucket, options), chunks: part })
      }
    },
    async publish(done, { overwrite, ...options }) {
      const all: PublishResult[] = []
      for (const part of publishParts(done)) {
        const { message } = await client.call(OPS.publish, { bucket, done: part, overwrite }, about(bucket, options))
        all.push(...same(part, message.results))
      }
      return all
    },
    finish: async () => [],
    async lacking(refs, options) {
      if (refs.length === 0) return []
      const { message } = await client.call(OPS.lacking, { bucket, refs }, about(bucket, options))
      return withBits(refs, message.lacking)
    },
    checkpoint: async (name, options) =>
      (await client.call(OPS.checkpoint, { bucket, name }, about(bucket, options))).message.checkpoint,
    retries: async (name, after, options) => [
      ...(await client.call(OPS.retries, { bucket, name, after }, about(bucket, options))).message.retries,
    ],
    /** In more than one request where it is much. Each lists what it parks; the checkpoint moves with the last, where none needs something. */
    async take(done, { by: _, move, ...options }) {
      const all: PublishResult[] = []
      const parted = done.length > 0 ? [...publishParts(done)] : [[]]
      for (const [i, part] of parted.entries()) {
        const needs = all.some(({ status }) => status === 'needs')
        const moves = i < parted.length - 1 ? move && listing(move) : needs ? move && staying(move) : move
        const { message } = await client.call(OPS.take, { bucket, done: part, move: moves }, about(bucket, options))
        all.push(...same(part, message.results))
      }
      return all
    },
  }
}

/** Moves nothing: what stands is either this already, or something else. */
const staying = (move: CheckpointMove): CheckpointMove => ({ ...move, from: move.to })

/** That, and lists only what comes of the request that it rides with. */
const listing = ({ name, to }: CheckpointMove): CheckpointMove => ({ name, from: to, to, parked: [] })

function* publishParts(done: readonly Done[]): Generator<readonly Done[]> {
  for (let from = 0; from < done.length; from += LIMITS.parcelObjectsMax) {
    yield* parts(done.slice(from, from + LIMITS.parcelObjectsMax), sizeOf)
  }
}

/** No manifest is larger by more than its hashes and numbers. */
const FIXED_BYTES = 512
const LINE_BYTES = 48

/** At least what an object takes on the wire. */
function sizeOf({ key, content }: Done): number {
  const { attributes, root } = 'manifest' in content ? content.manifest : content
  const line = 'manifest' in content ? content.manifest.parents.length + Object.keys(content.manifest.vector).length : 0
  const inline = 'inline' in root ? root.inline.length : 0
  const values = Object.entries({ ...attributes.user, ...attributes.xattrs })
  const named = values.reduce((sum, [name, value]) => sum + 3 * name.length + 3 * value.length + LINE_BYTES, 0)
  return FIXED_BYTES + 3 * key.length + inline + named + line * LINE_BYTES
}

function same(asked: readonly Done[], results: readonly PublishResult[]): readonly PublishResult[] {
  if (asked.length === results.length) return results
  throw new EfsError('FAILED', `the peer gave ${results.length} results for ${asked.length} objects`)
}
