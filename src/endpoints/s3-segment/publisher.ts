import type { Done, PublishResult } from '../../model/endpoint.js'
import type { BucketUid } from '../../model/ids.js'
import type { PublishAs } from '../../model/segment.js'

export interface Stages {
  /** All that was put before is in the index. */
  flush(): Promise<void>
  /** In the cache. */
  publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]>
  /** Settles when everybody can know what is new in the cache. */
  tell(bucket: BucketUid): Promise<void>
}

interface Waiting {
  readonly bucket: BucketUid
  readonly done: readonly Done[]
  readonly as: PublishAs
  resolve(results: PublishResult[]): void
  reject(error: unknown): void
}

/** Publishes in the order: packs, index, cache, journal. Calls that come while others are under way share the next round. */
export class Publisher {
  readonly #stages: Stages
  #waiting: Waiting[] = []
  #isRunning = false

  constructor(stages: Stages) {
    this.#stages = stages
  }

  publish(bucket: BucketUid, done: readonly Done[], as: PublishAs): Promise<PublishResult[]> {
    // Then only a checkpoint moves, which nobody else has to know.
    if (done.length === 0) return this.#stages.publish(bucket, done, as)
    return new Promise((resolve, reject) => {
      this.#waiting.push({ bucket, done, as, resolve, reject })
      if (!this.#isRunning) void this.#run()
    })
  }

  /** Never fails: what fails is told to those who wait for it. */
  async #run(): Promise<void> {
    this.#isRunning = true
    // Who calls in the same turn shares the round.
    await Promise.resolve()
    while (this.#waiting.length > 0) {
      const round = this.#waiting
      this.#waiting = []
      try {
        await this.#round(round)
      } catch (error) {
        for (const { reject } of round) reject(error)
      }
    }
    this.#isRunning = false
  }

  async #round(round: readonly Waiting[]): Promise<void> {
    const { flush, publish, tell } = this.#stages
    await flush()
    const results = await Promise.all(round.map(({ bucket, done, as }) => publish(bucket, done, as)))
    for (const bucket of new Set(round.map((each) => each.bucket))) await tell(bucket)
    for (const [i, { resolve }] of round.entries()) resolve(results[i] ?? [])
  }
}
