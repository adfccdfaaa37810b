import { systemClock } from '../../src/base/clock.js'
import { type Chunk, plainOf } from '../../src/model/chunk.js'
import type { Done } from '../../src/model/endpoint.js'
import { shortGuid } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { DELETION } from '../../src/model/manifest.js'
import type { Segment } from '../../src/model/segment.js'
import { withSegment } from '../../src/store/segment.js'
import { collected, done, fileOf, leaf } from '../contracts/samples.js'
import { type Ended, World } from '../e2e/world.js'
import { bucketOf, makeHome } from '../store/homes.js'

/** Segments on one machine that know nothing of each other: the home of a world, and others beside it. */
export class Sides {
  readonly world = new World()

  static async begin(...sides: string[]): Promise<Sides> {
    const made = new Sides()
    for (const side of sides) await makeHome(made.world.at(side))
    return made
  }

  efs(...words: string[]): Ended {
    return this.world.efs(...words)
  }

  /** Does something with a side, whose clock is so far ahead. */
  at<T>(side: string, use: (segment: Segment) => Promise<T>, aheadMs = 0): Promise<T> {
    return withSegment(this.world.at(side), { clock: { nowMs: () => systemClock.nowMs() + aheadMs } }, use)
  }

  put(side: string, texts: Readonly<Record<string, string>>, aheadMs = 0): Promise<void> {
    const items = Object.entries(texts).map(([key, text]) => {
      const chunk = leaf(text)
      return { chunk, item: done(key, fileOf(chunk)) }
    })
    return this.at(side, (segment) => publish(segment, items), aheadMs)
  }

  async delete(side: string, key: string): Promise<void> {
    await this.at(side, ({ versions, names }) =>
      versions.publish(bucketOf({ names }), [done(key, DELETION)], { overwrite: false }),
    )
  }

  /** Brings all tips of one side to the other, as they are, with their chunks. */
  async bring(from: string, to: string): Promise<void> {
    const items = await this.at(from, async (segment) => {
      const bucket = bucketOf(segment)
      const refs = await collected(segment.versions.list(bucket, { deleted: true }))
      const tips = refs.flatMap(({ key }) => segment.versions.tips(bucket, key))
      const versions = await segment.versions.manifests(bucket, tips)
      return Promise.all(
        versions.map(async (version, i) => {
          const { root } = version.manifest
          const [chunk] = 'ref' in root ? await segment.chunks.get([root.ref]) : []
          return { chunk, item: done(tips[i]?.key ?? '?', version) }
        }),
      )
    })
    await this.at(to, (segment) => publish(segment, items))
  }

  guid(side: string): Promise<string> {
    return this.at(side, async ({ guid }) => shortGuid(guid))
  }

  /** What an object's head says; undefined where it is deleted. */
  text(side: string, key: string): Promise<string | undefined> {
    return this.at(side, async ({ versions, chunks, names }) => {
      const head = versions.head(bucketOf({ names }), objectKey(key))
      const [chunk] = head?.held?.root === undefined ? [] : await chunks.get([head.held.root.ref])
      return chunk && Buffer.from(plainOf(chunk)).toString()
    })
  }

  versions(side: string, key: string): Promise<number> {
    return this.at(side, async (segment) => segment.versions.versions(bucketOf(segment), objectKey(key)).length)
  }

  tips(side: string, key: string): Promise<number> {
    return this.at(side, async (segment) => segment.versions.tips(bucketOf(segment), objectKey(key)).length)
  }

  conflicts(side: string): Promise<number> {
    return this.at(side, async (segment) => segment.versions.counters(bucketOf(segment)).conflicts)
  }
}

interface Brought {
  readonly chunk: Chunk | undefined
  readonly item: Done
}

async function publish(segment: Segment, items: readonly Brought[]): Promise<void> {
  await segment.chunks.put(items.flatMap(({ chunk }) => chunk ?? []))
  const all = items.map(({ item }) => item)
  await segment.versions.publish(bucketOf(segment), all, { overwrite: false })
}
