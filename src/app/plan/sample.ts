import { EfsError } from '../../base/errors.js'
import type { Parcel, Sink, Wanted } from '../../model/endpoint.js'
import type { Timed } from '../../model/estimate.js'
import type { Step } from '../../model/transfer.js'
import { descend } from '../../transfer/descend.js'
import type { Transfer } from '../../transfer/transfer.js'
import { newStats } from '../watch.js'

const SAMPLE_SECONDS = 0.4
const FILES_MOST = 5000
const PARCELS_IN_FLIGHT = 4

/** The first files that a plan puts. */
export class FirstPuts {
  readonly #wanted: Wanted[] = []

  async *pass(steps: AsyncIterable<readonly Step[]>): AsyncGenerator<readonly Step[]> {
    for await (const page of steps) {
      for (const step of page) {
        if (this.#wanted.length === FILES_MOST) break
        if (step.kind === 'copy' && step.here.kind === 'file')
          this.#wanted.push({ object: this.#wanted.length, here: step.here })
      }
      yield page
    }
  }

  /** Reads of them for a moment, as a run would. Undefined where there is none, or reading is refused or fails. */
  async timed({ source, sink }: Pick<Transfer, 'source' | 'sink'>, signal: AbortSignal): Promise<Timed | undefined> {
    if (this.#wanted.length === 0) return undefined
    const { chunking, compress } = sink
    const how = { chunking, compress, parcelsInFlight: PARCELS_IN_FLIGHT, signal }
    // Everything counts as missing, so that what is read is no less than what is looked at.
    const all = { plain: true, missing: async (refs: Parameters<Sink['missing']>[0]) => [...refs] }
    const parcels =
      source.kind === 'reads'
        ? source.read(once(this.#wanted), how)
        : descend({ source, sink: all, stats: newStats(), signal }, once(this.#wanted))
    try {
      return await timeOf(parcels, signal)
    } catch (error) {
      signal.throwIfAborted()
      // A plan needs no reading; what stands in its way is told by the run that has to.
      if (error instanceof EfsError) return undefined
      throw error
    }
  }
}

/** Of what comes after the first parcel, as that one waits for threads and connections to begin; where it is all, of it. */
async function timeOf(parcels: AsyncIterable<Parcel>, signal: AbortSignal): Promise<Timed | undefined> {
  let sinceMs = performance.now()
  let first: Timed | undefined
  let rest: Timed | undefined
  for await (const parcel of parcels) {
    const refs = parcel.slices.map(({ ref }) => ref)
    await parcel.load(refs, { signal })
    parcel.release()
    const { objects, bytes } = rest ?? { objects: 0, bytes: 0 }
    const all = { objects: objects + parcel.done.length, bytes: refs.reduce((sum, { size }) => sum + size, bytes) }
    const timed = { ...all, seconds: (performance.now() - sinceMs) / 1000 }
    if (timed.objects + timed.bytes === 0) continue
    if (first !== undefined) rest = timed
    else {
      first = timed
      sinceMs = performance.now()
    }
    if (rest !== undefined && rest.seconds >= SAMPLE_SECONDS) break
  }
  return rest ?? first
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}
