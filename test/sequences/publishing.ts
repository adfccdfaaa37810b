import fc from 'fast-check'
import type { Chunk } from '../../src/model/chunk.js'
import type { Done } from '../../src/model/endpoint.js'
import type { Version } from '../../src/model/manifest.js'
import type { PlainModel } from './plain-model.js'
import { anyBucket, anyKey, anySample, type Sample } from './samples.js'
import { type Step, step } from './step.js'
import type { World } from './world.js'

async function put(world: World, chunks: readonly Chunk[]): Promise<void> {
  await world.both(({ chunks: store }) => store.put(chunks))
}

async function publish(
  model: PlainModel,
  world: World,
  bucket: string,
  done: readonly Done[],
  overwrite: boolean,
): Promise<void> {
  const outcome = await world.both(({ versions }, uid) => versions.publish(uid(bucket), done, { overwrite }))
  if ('code' in outcome) return
  for (const [i, result] of outcome.value.entries()) {
    const one = done[i]
    if (one !== undefined) model.acknowledge(bucket, one, overwrite, result)
  }
}

/** Bytes become versions, several in one call, also of one key. */
export const write: fc.Arbitrary<Step> = fc
  .record({
    bucket: anyBucket,
    items: fc.array(fc.record({ key: anyKey, sample: anySample }), { minLength: 1, maxLength: 3 }),
    overwrite: fc.boolean(),
    hasChunks: fc.boolean(),
  })
  .map(({ bucket, items, overwrite, hasChunks }) =>
    step(
      `write ${bucket}: ${items.map(({ key, sample }) => `${key} ${sample.name}`)}${hasChunks ? '' : ', no chunks'}`,
      async (model, world) => {
        if (hasChunks) await put(world, chunksOf(items.map(({ sample }) => sample)))
        const done = items.map(({ key, sample }, object): Done => ({ object, key, content: sample.content }))
        await publish(model, world, bucket, done, overwrite)
      },
    ),
  )

/** Chunks, or some of them, of something that may be published later. */
export const putChunks: fc.Arbitrary<Step> = fc
  .record({ sample: anySample, from: fc.nat({ max: 1 }) })
  .map(({ sample, from }) =>
    step(`put chunks of ${sample.name} from ${from} on`, (_, world) => put(world, sample.chunks.slice(from))),
  )

/** What a version of elsewhere descends from. */
const LINES = {
  nothing: () => [],
  head: (versions: readonly Version[]) => versions.slice(0, 1),
  oldest: (versions: readonly Version[]) => versions.slice(-1),
  all: (versions: readonly Version[]) => versions,
}

/** Another segment has written a line of versions, which arrive in some order, also again, also not all of them. */
export const arrive: fc.Arbitrary<Step> = fc
  .record({
    bucket: anyBucket,
    key: anyKey,
    segment: fc.constantFrom(0 as const, 1 as const),
    on: fc.constantFrom('nothing' as const, 'head' as const, 'oldest' as const, 'all' as const),
    line: fc.array(anySample, { minLength: 3, maxLength: 3 }),
    order: fc.constantFrom([0], [0, 1], [1, 0], [0, 2, 1], [2, 2, 0], [0, 1, 0]),
    overwrite: fc.boolean(),
  })
  .map(({ bucket, key, segment, on, line, order, overwrite }) =>
    step(
      `${overwrite ? 'win' : 'arrive'} ${bucket}: ${key} of ${segment} on ${on}: ${line.map(({ name }) => name)}; ${order}`,
      async (model, world) => {
        const versions: Version[] = []
        for (const { content } of line) {
          const parents = versions.length === 0 ? LINES[on](world.versions(bucket, key)) : versions.slice(-1)
          versions.push(world.abroad.write(segment, content, parents))
        }
        await put(world, chunksOf(line))
        const done = order.flatMap((n, object): Done[] => {
          const content = versions[n]
          return content === undefined ? [] : [{ object, key, content }]
        })
        await publish(model, world, bucket, done, overwrite)
      },
    ),
  )

const chunksOf = (samples: readonly Sample[]): Chunk[] => samples.flatMap(({ chunks }) => chunks)
