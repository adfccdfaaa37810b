import { liveBucket } from '../../src/endpoints/live-bucket.js'
import type { BucketUid } from '../../src/model/ids.js'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import type { LiveBucket } from '../../src/model/live.js'
import { DELETION, type Version } from '../../src/model/manifest.js'
import type { Named } from '../../src/model/name-space.js'
import type { Segment } from '../../src/model/segment.js'
import { Claims } from '../../src/transfer/live/claims.js'
import { Flow } from '../../src/transfer/live/flow.js'
import type { FlowMode } from '../../src/transfer/live/mode.js'
import { unpaced } from '../../src/transfer/pace.js'
import { HandClock } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { faultyLive } from '../fakes/faulty-live.js'
import { MemorySegment } from '../fakes/memory-segment/segment.js'
import { tinyTree } from '../fakes/tiny-tree.js'

export type SiteSegment = Pick<Segment, 'guid' | 'names' | 'chunks' | 'versions' | 'close'>

const PATH = 'Hawaii/Cola/bk1'
const STORING = { chunking: { kind: 'fixed', bytes: 16 }, compress: false } as const
const START_MS = 1_700_000_000_000

/** One bucket of a segment, what tests do to it by hand, and what goes over its border. */
export class Site {
  /** Of data chunks, each as often as it was put. */
  readonly bodies: string[] = []
  readonly claims = new Claims(5000)
  /** What was acknowledged here: key and version id. */
  readonly written: [string, string][] = []

  constructor(
    readonly segment: SiteSegment,
    readonly clock: HandClock,
    readonly bucket: Named,
  ) {}

  static async memory(settings = {}, clock = new HandClock(START_MS)): Promise<Site> {
    return Site.of(new MemorySegment(clock), clock, settings)
  }

  /** Makes the bucket where it is not there. */
  static async of(segment: SiteSegment, clock: HandClock, settings = {}): Promise<Site> {
    const there = segment.names.find(PATH)
    if (there !== undefined) return new Site(segment, clock, there)
    for (const name of ['Hawaii', 'Hawaii/Cola']) await segment.names.create(name, {})
    const bucket = await segment.names.create(PATH, { numberOfVersions: 100_000, ...settings })
    return new Site(segment, clock, bucket)
  }

  get uid(): BucketUid {
    return this.bucket.uid
  }

  /** With a coat that tells what comes in, and one that goes wrong. */
  live(faults = new Faults()): LiveBucket {
    const live = liveBucket(this.segment, this.bucket, STORING)
    const put: LiveBucket['sink']['put'] = (chunks, slices, options) => {
      this.bodies.push(...chunks.filter(({ ref }) => !ref.node).map(({ ref }) => ref.id))
      return live.sink.put(chunks, slices, options)
    }
    return faultyLive({ ...live, sink: { ...live.sink, put } }, faults)
  }

  async write(key: string, text: string): Promise<void> {
    const { content, leaves, nodes } = tinyTree('file', Buffer.from(text), {}, 16)
    await this.segment.chunks.put([...leaves.map(({ chunk }) => chunk), ...nodes])
    await this.publish(key, content)
  }

  remove(key: string): Promise<void> {
    return this.publish(key, DELETION)
  }

  async publish(key: string, content: Version | typeof DELETION): Promise<void> {
    const done = { object: 0, key: objectKey(key), content }
    const [result] = await this.segment.versions.publish(this.uid, [done], { overwrite: true })
    if (result?.status === 'published' && result.id !== undefined) this.written.push([key, result.id])
    if (result?.status !== 'published' && result?.status !== 'known')
      throw new Error(`a write came to ${result?.status}`)
  }

  async heads(): Promise<ObjectKey[]> {
    const keys: ObjectKey[] = []
    for await (const page of this.segment.versions.list(this.uid, { deleted: true }))
      keys.push(...page.map(({ key }) => key))
    return keys
  }

  /** All versions by key, the latest first. */
  async versions(): Promise<Record<string, (string | undefined)[]>> {
    const { versions } = this.segment
    const all = (await this.heads()).map((key) => [key, versions.versions(this.uid, key).map(({ held }) => held?.id)])
    return Object.fromEntries(all)
  }

  async tips(): Promise<Record<string, (string | undefined)[]>> {
    const { versions } = this.segment
    const all = (await this.heads()).map((key) => [key, versions.tips(this.uid, key).map(({ held }) => held?.id)])
    return Object.fromEntries(all)
  }

  get digests() {
    return this.segment.versions.digests(this.uid)
  }

  get counters() {
    return this.segment.versions.counters(this.uid)
  }
}

export interface Link {
  readonly from: Site
  readonly to: Site
  readonly faults?: Faults
  readonly mode?: FlowMode
  /** That of whoever runs it; of the sink where not given. */
  readonly clock?: HandClock
}

/** Faults are of both sides, under the same names. */
export function flowOf({ from, to, faults = new Faults(), mode = 'both', clock = to.clock }: Link): Flow {
  return new Flow({
    from: from.live(faults),
    to: to.live(faults),
    mode,
    claims: to.claims,
    parcelsInFlight: 3,
    pace: unpaced,
    clock,
  })
}

export const NEVER: AbortSignal = new AbortController().signal

/** All catch up, one after the other or all at once, until nothing moves any more. */
export async function settle(flows: readonly Flow[], atOnce = false): Promise<void> {
  for (let round = 0; round < 20; round++) {
    const before = JSON.stringify(flows.map(({ state }) => [state.checkpoint, state.counts]))
    if (atOnce) await Promise.all(flows.map((flow) => flow.catchUp(NEVER)))
    else for (const flow of flows) await flow.catchUp(NEVER)
    if (before === JSON.stringify(flows.map(({ state }) => [state.checkpoint, state.counts]))) return
  }
  throw new Error('this goes round for ever')
}

export async function started(links: readonly Link[]): Promise<Flow[]> {
  const flows = links.map(flowOf)
  for (const flow of flows) await flow.start(NEVER)
  return flows
}
