import { RECORD_HEADER_BYTES } from '../../format/pack.js'

/** A record in a pack, whatever packs are called. */
interface InPack {
  readonly pack: number | string
  readonly offset: number
  readonly length: number
}

export interface Wanted<P> {
  /** Which of the places that were asked for. */
  readonly at: number
  readonly place: P
}

export interface RunLimits {
  /** Records that are nearer to each other than this are read in one go. */
  readonly gapBytes: number
  /** At most so much in one go, unless one record has more. */
  readonly bytes: number
}

export const payloadStart = (place: InPack): number => place.offset + RECORD_HEADER_BYTES
export const payloadEnd = (place: InPack): number => payloadStart(place) + place.length

/** What is read in one go: same pack, in order of offset, near each other, not too much at once. */
export function runsOf<P extends InPack>(places: readonly P[], limits: RunLimits): Wanted<P>[][] {
  const sorted = places
    .map((place, at) => ({ at, place }))
    .sort(({ place: a }, { place: b }) => compare(a.pack, b.pack) || a.offset - b.offset)
  const runs: Wanted<P>[][] = []
  let run: Wanted<P>[] = []
  for (const wanted of sorted) {
    const first = run[0]
    const last = run.at(-1)
    const joins =
      first !== undefined &&
      last !== undefined &&
      first.place.pack === wanted.place.pack &&
      wanted.place.offset - payloadEnd(last.place) <= limits.gapBytes &&
      payloadEnd(wanted.place) - first.place.offset <= limits.bytes
    if (!joins) {
      run = []
      runs.push(run)
    }
    run.push(wanted)
  }
  return runs
}

const compare = (a: number | string, b: number | string): number => (a < b ? -1 : a > b ? 1 : 0)
