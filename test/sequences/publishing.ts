import fc from 'fast-check'
import type { Chunk } from '../../src/model/chunk.js'
import type { Done, PublishResult } from '../../src/model/endpoint.js'
import type { Content, Version } from '../../src/model/manifest.js'
import { collectOnce } from './collecting.js'
import type { PlainModel } from './plain-model.js'
import { anyBucket, anyKey, anySample, type Sample } from './samples.js'
import { type Step, step } from './step.js'
import type { Work, World } from './world.js'

interface Collecting {
  /** Of the loop, that it is ahead. */
  readonly turns: number
  /** The chunks, by an earlier process; so they are condemned by now, where nothing else needs them. */
  readonly wasPut: boolean
}

/** What happens to the home while something is published: nothing; a collection; or its process is killed at the end. */
type Meanwhile = 'nothing' | 'killed' | Collecting

const anyMeanwhile: fc.Arbitrary<Meanwhile> = fc.oneof(
  { weight: 4, arbitrary: fc.constant('nothing' as const) },
  { weight: 1, arbitrary: fc.constant('killed' as const) },
  { weight: 2, arbitrary: fc.record({ turns: fc.nat({ max: 6 }), wasPut: fc.boolean() }) },
)

interface Publishing {
  readonly bucket: string
  readonly chunks: readonly Chunk[]
  readonly done: readonly Done[]
  readonly overwrite: boolean
  readonly keepOlder?: boolean
  readonly meanwhile: Meanwhile
}

async function publish(model: PlainModel, world: World, publishing: Publishing): Promise<void> {
  const { bucket, chunks, done, overwrite, keepOlder = false, meanwhile } = publishing
  const put: Work<void> = ({ chunks: store }) => store.put(chunks)
  const work: Work<PublishResult[]> = ({ versions }, uid) =>
    versions.publish(uid(bucket), done, { overwrite, keepOlder })
  if (typeof meanwhile === 'object') {
    if (meanwhile.wasPut) await world.both(put).then(() => world.reopen())
    // What is to go for other reasons than these is gone, and what nothing needs is condemned.
    await collectOnce(model, world)
    // What may go is judged by what was here: a line that comes now may start at what has gone.
    model.check(await world.snapshot())
  }
  const outcome =
    typeof meanwhile === 'object'
      ? await world.whileCollecting(meanwhile.turns, put, work)
      : await world.both(put).then(() => (meanwhile === 'killed' ? world.thenKilled(work) : world.both(work)))
  if ('code' in outcome) return
  for (const [i, result] of outcome.value.entries()) {
    const one = done[i]
    if (one !== undefined) model.acknowledge(bucket, one, overwrite, result)
  }
}

/** Nothing is left for the head to say. */
const whole = (content: Content): Content => ({
  ...content,
  attributes: { ...content.attributes, user: content.attributes.user ?? {} },
})

const textOf = (meanwhile: Meanwhile): string => (meanwhile === 'nothing' ? '' : `, ${JSON.stringify(meanwhile)}`)

/**
 * Bytes become versions, several in one call: of one key, or each of another. Of a mixture it is not promised which comes first, and so
 * which of them a full bucket still takes.
 */
export const write: fc.Arbitrary<Step> = fc
  .record({
    bucket: anyBucket,
    keys: fc.oneof(
      fc.uniqueArray(anyKey, { minLength: 1, maxLength: 3 }),
      anyKey.map((key) => [key, key]),
      anyKey.map((key) => [key, key, key]),
    ),
    samples: fc.array(anySample, { minLength: 3, maxLength: 3 }),
    overwrite: fc.boolean(),
    hasChunks: fc.boolean(),
    isKilled: fc.boolean(),
  })
  .map(({ bucket, keys, samples, overwrite, hasChunks, isKilled }) => {
    const items = samples.flatMap((sample, i) => (keys[i] === undefined ? [] : { key: keys[i], sample }))
    const meanwhile = isKilled ? 'killed' : 'nothing'
    const texts = items.map(({ key, sample }) => `${key} ${sample.name}`)
    return step(`write ${bucket}: ${texts}${hasChunks ? '' : ', no chunks'}${textOf(meanwhile)}`, (model, world) => {
      const chunks = hasChunks ? chunksOf(items.map(({ sample }) => sample)) : []
      const done = items.map(({ key, sample }, object): Done => ({ object, key, content: whole(sample.content) }))
      return publish(model, world, { bucket, chunks, done, overwrite, meanwhile })
    })
  })

/** Chunks, or some of them, of something that may be published later. */
export const putChunks: fc.Arbitrary<Step> = fc
  .record({ sample: anySample, from: fc.nat({ max: 1 }) })
  .map(({ sample, from }) =>
    step(`put chunks of ${sample.name} from ${from} on`, async (_, world) => {
      await world.both(({ chunks }) => chunks.put(sample.chunks.slice(from)))
    }),
  )

/** What a version of elsewhere descends from. */
const LINES = {
  nothing: () => [],
  head: (versions: readonly Version[]) => versions.slice(0, 1),
  oldest: (versions: readonly Version[]) => versions.slice(-1),
  all: (versions: readonly Version[]) => versions,
}

/**
 * Another segment has written a line of versions, which arrive in some order, in one call or more, also again, also not all. What has to be
 * planned twice because of a collection gets another stamp, so what wins, and is written anew, has none beside it.
 */
export const arrive: fc.Arbitrary<Step> = fc
  .record({
    bucket: anyBucket,
    key: anyKey,
    segment: fc.constantFrom(0 as const, 1 as const),
    on: fc.constantFrom('nothing' as const, 'head' as const, 'oldest' as const, 'all' as const),
    line: fc.array(anySample, { minLength: 3, maxLength: 3 }),
    calls: fc.constantFrom([[0]], [[0, 1]], [[1], [0]], [[0, 2, 1]], [[2, 2, 0]], [[0, 1], [0]]),
    how: fc.constantFrom('win' as const, 'arrive' as const, 'be taken' as const),
    meanwhile: anyMeanwhile,
  })
  .map(({ bucket, key, segment, on, line, calls, how, meanwhile }) => {
    const overwrite = how === 'win' && typeof meanwhile === 'string'
    const texts = `${line.map(({ name }) => name)}; ${JSON.stringify(calls)}${textOf(meanwhile)}`
    const keepOlder = how === 'be taken'
    const name = `${overwrite ? 'win' : keepOlder ? 'be taken' : 'arrive'} ${bucket}: ${key} of ${segment} on ${on}: ${texts}`
    return step(name, async (model, world) => {
      const versions: Version[] = []
      for (const { content } of line) {
        const parents = versions.length === 0 ? LINES[on](world.versions(bucket, key)) : versions.slice(-1)
        versions.push(world.abroad.write(segment, content, parents))
      }
      for (const order of calls) {
        const done = order.flatMap((n, object): Done[] => {
          const content = versions[n]
          return content === undefined ? [] : [{ object, key, content }]
        })
        await publish(model, world, { bucket, chunks: chunksOf(line), done, overwrite, keepOlder, meanwhile })
      }
    })
  })

const chunksOf = (samples: readonly Sample[]): Chunk[] => samples.flatMap(({ chunks }) => chunks)
