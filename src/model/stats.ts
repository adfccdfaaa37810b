/** Every number that a run counts. Bytes are plain bytes unless the name says otherwise. */
export const COUNTERS = [
  /** Of a segment in S3: objects that tell what is in it, those that are to be read and those that were. */
  'factsListed',
  'factsRead',
  'objectsLooked',
  /** At the side that is written. */
  'objectsThere',
  'objectsRead',
  'objectsPublished',
  'objectsKnown',
  'objectsDeleted',
  'objectsParked',
  'bytesLooked',
  'bytesRead',
  'bytesNew',
  'bytesStored',
  'chunksNew',
  'chunksKnown',
  'hardLinks',
  'specialFiles',
] as const

export type CounterName = (typeof COUNTERS)[number]
export type StatsSnapshot = Readonly<Record<CounterName, number>>

/** Numbers are handed down and added to; whoever wants to see them reads, on its own time. */
export interface Stats {
  add(name: CounterName, n: number): void
  read(): StatsSnapshot
}
