import type { Baseline } from '../../model/baseline.js'
import type { Done, Parked, Reader, Sink, Source } from '../../model/endpoint.js'
import { type ObjectKey, ROOT_FOLDER } from '../../model/key.js'
import type { Checkpoint } from '../../model/live.js'
import { isSamePosition, type Position } from '../../model/position.js'
import type { StatsSnapshot } from '../../model/stats.js'
import type { Guard } from '../../model/transfer.js'
import { createStats } from '../../stats/counters.js'
import { runTransfer } from '../../transfer/engine.js'
import { unpaced } from '../../transfer/pace.js'
import type { Scope } from '../../transfer/scope.js'
import { type Mounts, takeMounts } from '../sync/mounts.js'
import { type Ends, forced } from './ends.js'
import { FoldersLeft } from './folders-left.js'
import { Given, noteGiven } from './given.js'
import { leftOut, mirrorName, takenName } from './notes.js'
import { inTurn, type Waiter } from './turn.js'

export interface PassOptions extends Waiter {
  /** What is looked at, and up to where it has what changed in the bucket; all where absent. */
  readonly part?: { readonly scope: Scope; readonly upTo: Position }
  /** However much is deleted. */
  readonly force: boolean
}

/** What a pass came to. */
export interface Passed {
  readonly ways: readonly Way[]
  /** Up to where the directory has what the bucket has. */
  readonly upTo: Position
}

/** What one way came to. */
export interface Way {
  readonly way: 'send' | 'receive'
  readonly counts: StatsSnapshot
  /** What was left out, but for what is in flight. */
  readonly parked: readonly Parked[]
  /** What is being written in the directory, and was left out for now. */
  readonly inFlight: readonly ObjectKey[]
}

/**
 * Makes both sides the same, as far as the scope goes: first what is new in the directory, or in S3, is taken in, then what is new in the
 * bucket is given out. Where only one way is gone, one that takes is made like the bucket, and what was changed in it goes.
 * @throws GUARD before anything is deleted; NOT_FOUND where the directory is gone; IO, DISK_FULL
 */
export const runPass = (ends: Ends, options: PassOptions): Promise<Passed> =>
  inTurn(ends, options, () => bothWays(ends, options))

async function bothWays(ends: Ends, options: PassOptions): Promise<Passed> {
  const { sends, receives } = ends.ways
  const ways: Way[] = []
  ends.there.mustStand()
  const mounts = await mountsOf(ends, options)
  if (receives) ways.push(await takeIn(ends, options, mounts))
  // What comes into the bucket while it is given out is left for the next pass.
  const upTo = options.part?.upTo ?? ends.segment.versions.position(ends.uid)
  if (sends) ways.push(await giveOut(ends, options, mounts, upTo))
  return { ways, upTo }
}

/** How the directory has to stand as long as the pass runs, and what of it is left out. */
async function mountsOf({ mounts: of, there }: Ends, { part, force }: PassOptions): Promise<Mounts> {
  if (of === undefined) return { leftOut: [], stands: () => there.mustStand() }
  const { leftOut, stands } = await takeMounts(of, force)
  return {
    leftOut: leftOut.filter(({ key }) => part?.scope.has(key) ?? true),
    stands: () => {
      there.mustStand()
      stands()
    },
  }
}

const PARCELS_IN_FLIGHT = 4

async function takeIn(ends: Ends, { part, force, signal }: PassOptions, mounts: Mounts): Promise<Way> {
  const { there, here, look, segment, uid } = ends
  const scope = part?.scope
  const source: Reader = scope ? { ...there.source, ...scope.lister(there.source) } : there.source
  const sink = scope ? scope.sink({ ...here.sink, look }) : here.sink
  const others = scope && { ofObjects: segment.versions.counters(uid).objects }
  const nothing = (await isAnother(ends)) ? 'the source is another directory than before' : undefined
  const guard = { force, ...guardOf(ends), nothing, ...others }
  const baseline = baselineOf(ends, scope)
  const given = await Given.of(baseline, (key) => segment.versions.head(uid, key)?.held?.id)
  const moving = { source, sink: given.sink(sink), baseline, guard, ...mounts, signal }
  const way = await transfer(ends, { way: 'receive', ...moving })
  await given.settle([...mounts.leftOut, ...way.parked, ...way.inFlight.map((key) => ({ key }))])
  await book(ends, takenName(ends.place), way.parked, scope, part?.upTo ?? segment.versions.position(uid))
  return way
}

async function giveOut(ends: Ends, { part, force, signal }: PassOptions, mounts: Mounts, upTo: Position): Promise<Way> {
  const { there, here, look, segment, uid, place } = ends
  const scope = part?.scope
  const source = scope ? { ...here.source, ...scope.lister({ list: here.source.list, look }) } : here.source
  const sink = scope ? scope.sink(there.sink) : there.sink
  // The deletes of single keys are versions that somebody wrote; those of a full pass are what is not in the bucket.
  const nothing = (await isFirst(ends)) ? `${place} was never the same as this bucket` : undefined
  const guard = { force: force || scope !== undefined, ...guardOf(ends), nothing }
  const baseline = baselineOf(ends, scope)
  const moving = { source, sink, baseline, guard, ...mounts, signal }
  // Where nothing is taken in, nothing there is taken for news.
  const folders = new FoldersLeft({ versions: segment.versions, uid, place, baseline })
  const giving = async (done: readonly Done[]): Promise<void> => {
    await folders.note(done)
    await noteGiven(baseline, done)
  }
  const way = await transfer(ends, { way: 'send', ...moving, ...(ends.ways.receives && { giving }) })
  await folders.settle(way.parked)
  await book(ends, mirrorName(place), way.parked, scope, upTo)
  return way
}

/** Whether another directory stands where the one did that was taken in last. */
async function isAnother({ baseline, there: { inode } }: Ends): Promise<boolean> {
  const [root] = await baseline.get([ROOT_FOLDER])
  return inode !== undefined && root !== undefined && root.seen.inode !== inode
}

/** Whether nothing there is from this bucket, and nothing in the bucket from there: what is there alone is somebody else's. */
async function isFirst({ baseline }: Ends): Promise<boolean> {
  for await (const page of baseline.scan()) if (page.some(({ key }) => key !== ROOT_FOLDER)) return false
  return true
}

const guardOf = ({ place, service }: Ends): Omit<Guard, 'force'> => ({
  net: true,
  hint: `look at ${place}; if that is meant: ${forced(service)}`,
})

const baselineOf = ({ baseline }: Ends, scope: Scope | undefined): Baseline => scope?.baseline(baseline) ?? baseline

interface Moving extends Mounts {
  readonly way: Way['way']
  readonly source: Source
  readonly sink: Sink
  readonly baseline: Baseline
  readonly guard: Guard
  readonly signal: AbortSignal
  readonly giving?: (done: readonly Done[]) => Promise<void>
}

async function transfer({ ways, filter: filterNow }: Ends, { way, ...moving }: Moving): Promise<Way> {
  const stats = createStats()
  const filter = filterNow()
  const { parked } = await runTransfer({
    ...moving,
    ...(filter && { filter }),
    policy: { deleteExtra: true, checksum: false, newsOnly: ways.receives },
    parcelsInFlight: PARCELS_IN_FLIGHT,
    pace: unpaced,
    stats,
    settled: () => undefined,
  })
  const inFlight = parked.filter((what) => what.inFlight).map(({ key }) => key)
  return { way, counts: stats.read(), parked: parked.filter((what) => !what.inFlight), inFlight }
}

/** The other side stores neither how far it is nor what is to be tried again: its bucket does. */
async function book(
  { segment: { versions, guid }, uid }: Ends,
  name: string,
  parked: readonly Parked[],
  scope: Scope | undefined,
  position: Position,
): Promise<void> {
  const still = new Set<string>(parked.map(({ key }) => key))
  const gone: ObjectKey[] = []
  for await (const page of leftOut(versions, uid, name))
    gone.push(...page.map(({ key }) => key).filter((key) => !still.has(key) && (scope?.has(key) ?? true)))
  const from = versions.checkpoint(uid, name)
  if (parked.length + gone.length === 0 && isAt(from, position)) return
  const move = { name, from, to: { position }, parked, gone }
  await versions.publish(uid, [], { overwrite: false, by: guid, move })
}

const isAt = (checkpoint: Checkpoint | undefined, position: Position): boolean =>
  checkpoint !== undefined && checkpoint.pass === undefined && isSamePosition(checkpoint.position, position)
