import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import type { BucketEndpoint } from '../../endpoints/segment.js'
import { type Address, parseAddress, type RemoteAddress, type S3SegmentAddress } from '../../model/address.js'
import type { Baseline } from '../../model/baseline.js'
import type { Endpoint } from '../../model/endpoint.js'
import type { Named } from '../../model/name-space.js'
import type { Segment } from '../../model/segment.js'
import type { Stats } from '../../model/stats.js'
import { type App, hasSegment, tellUnadopted } from '../app.js'
import { assertRoom } from '../s3/room.js'
import { openS3 } from '../s3/s3.js'
import { folderMeant, isFolder, openBucket } from './bucket-side.js'
import { closeAll } from './closing.js'
import { lookAhead, type Need, turnOf } from './side-order.js'

/** Both sides of a transfer or a comparison, open. */
export interface Sides {
  readonly from: Endpoint
  readonly to: Endpoint
  /** What a bucket and a directory last agreed on; buckets know each other's versions and need none. */
  readonly baseline: Baseline | undefined
}

/** What an opener is given beside the address. */
interface Opening {
  readonly app: App
  /** What is on the other side. */
  readonly beside: Address
  readonly signal: AbortSignal
  readonly need: Need
  readonly missing: 'made' | 'empty' | undefined
  /** What is shown to a gateway for which nothing is kept. */
  readonly auth: string | undefined
  readonly stats: Stats
  /** Opens a home, or gives the one that is open already; closed with the sides. */
  segment(home: string): Promise<Segment>
}

/** The one table of kinds of address. An endpoint's code is loaded only when an address of its kind is used. */
const OPENERS: {
  readonly [K in Address['kind']]: (address: Address & { kind: K }, opening: Opening) => Promise<Endpoint>
} = {
  bucket: openBucket,
  directory: openDirectory,
  s3: openPlaceInS3,
  's3-segment': openS3Segment,
  remote: openGateway,
}

function open(address: Address, opening: Opening): Promise<Endpoint> {
  switch (address.kind) {
    case 'bucket':
      return OPENERS.bucket(address, opening)
    case 'directory':
      return OPENERS.directory(address, opening)
    case 's3':
      return OPENERS.s3(address, opening)
    case 's3-segment':
      return OPENERS['s3-segment'](address, opening)
    case 'remote':
      return OPENERS.remote(address, opening)
  }
}

interface Request {
  readonly from: string
  readonly to: string
  /** What is shown to a gateway for which nothing is kept here. */
  readonly auth?: string
  /** To `to`: a missing directory whose parent exists is made where it is written, and empty for a plan. */
  readonly access: 'read' | 'plan' | 'write'
  readonly stats: Stats
  readonly signal: AbortSignal
}

/**
 * Opens two addresses, lends both sides, closes them.
 * @throws USAGE, NOT_FOUND, NEWER_FORMAT
 */
export async function withSides<T>(app: App, request: Request, use: (sides: Sides) => Promise<T>): Promise<T> {
  const { from, to, access, stats, auth, signal } = request
  const [a, b] = [addressOf(from), addressOf(to)]
  if (isPlain(a) && isPlain(b)) {
    const both = a.kind === 's3' || b.kind === 's3' ? 'neither side is a bucket of efs' : 'both sides are directories'
    throw new EfsError('USAGE', both, { hint: 'one side must be a bucket: Hawaii/Cola/bk1' })
  }
  const { openSegment } = await import('../../store/segment.js')
  const segments = new Map<string, Promise<Segment>>()
  const opened: Endpoint[] = []
  const segment = (home: string): Promise<Segment> => {
    const real = existsSync(home) ? realpathSync(home) : home
    const already = segments.get(real)
    if (already !== undefined) return already
    const opening = openSegment(home, { clock: app.clock })
    segments.set(real, opening)
    return opening.then((opened) => {
      tellUnadopted(app, opened)
      return opened
    })
  }
  let result: T
  try {
    const closed = {
      from: { address: a, need: needOf('from', access) },
      to: { address: b, need: needOf('to', access) },
    }
    await lookAhead(app, closed.to, closed.from, signal)
    const ordered = turnOf(closed.from) <= turnOf(closed.to) ? (['from', 'to'] as const) : (['to', 'from'] as const)
    for (const role of ordered) {
      const { address, need } = closed[role]
      const beside = closed[role === 'from' ? 'to' : 'from'].address
      const opening = {
        app,
        beside,
        need,
        missing: role === 'to' ? MISSING[access] : undefined,
        auth,
        stats,
        signal,
        segment,
      } as const
      opened.push(await open(address, opening))
    }
    const [first, second] = opened
    if (first === undefined || second === undefined) throw new Error('two sides were opened')
    await refuseTwins([...segments.values()])
    if (first.identity === second.identity)
      throw new EfsError('USAGE', 'both sides are the same', { hint: 'name two different places' })
    const sides = ordered[0] === 'from' ? { from: first, to: second } : { from: second, to: first }
    const baseline = isPlain(a) ? baselineOf(sides.to, sides.from) : baselineOf(sides.from, sides.to)
    result = await use({ ...sides, baseline })
  } catch (error) {
    // What the run ended with is what is told.
    await closeAll(opened, segments.values()).catch(() => undefined)
    throw error
  }
  await closeAll(opened, segments.values())
  return result
}

const needOf = (role: 'from' | 'to', access: Request['access']): Need =>
  access !== 'write' ? 'list' : role === 'from' ? 'read' : 'write'

/** What becomes of a directory that is not there. */
const MISSING = { read: undefined, plan: 'empty', write: 'made' } as const

/** What keeps no versions: two of them have nothing that says what they last agreed on. */
const isPlain = ({ kind }: Address): boolean => kind === 'directory' || kind === 's3'

/** Two homes that are one segment: one is a copy that nobody adopted. */
async function refuseTwins(opened: readonly Promise<Segment>[]): Promise<void> {
  const [one, other] = await Promise.all(opened)
  if (one === undefined || other === undefined || one.guid !== other.guid) return
  const copy = one.unadopted ? one : other
  throw new EfsError('SAME_SEGMENT', `${one.home} and ${other.home} are the same segment`, {
    hint: `if one is a copy that lives on by itself: efs --home ${copy.home} system adopt --copied`,
  })
}

function baselineOf(bucket: Endpoint, other: Endpoint): Baseline | undefined {
  return keepsBaseline(bucket) && other.source?.kind === 'reads' ? bucket.baseline(other.identity) : undefined
}

/** Where a bucket is, or a part of it. */
export interface Place {
  readonly segment: Segment
  readonly bucket: Named
}

/** Undefined where it is no bucket of a segment on this machine. */
export const placeOf = (endpoint: Endpoint & { readonly place?: Place }): Place | undefined => endpoint.place

/** Whether it is a bucket, or a part of one, of a segment, or keeps for one what it last agreed on. */
export const keepsBaseline = (endpoint: Endpoint): endpoint is Endpoint & Pick<BucketEndpoint, 'baseline'> =>
  'baseline' in endpoint

/** As `parseAddress`, but a word that names a folder here gets the hint that people need. */
function addressOf(text: string): Address {
  try {
    return parseAddress(text)
  } catch (error) {
    if (error instanceof EfsError && isFolder(text)) throw folderMeant(text, error)
    throw error
  }
}

async function openDirectory(
  address: Address & { kind: 'directory' },
  { app, missing, stats }: Opening,
): Promise<Endpoint> {
  const { directoryEndpoint } = await import('../../endpoints/directory/endpoint.js')
  return directoryEndpoint(path.resolve(address.path), { clock: app.clock, missing, stats })
}

async function openPlaceInS3(
  address: Address & { kind: 's3' },
  { app, missing, signal, stats }: Opening,
): Promise<Endpoint> {
  // As the side that is written to, or planned for.
  if (missing !== undefined) await assertRoom(app, address, 'objects', signal)
  return openS3(app, address, stats)
}

async function openS3Segment(address: S3SegmentAddress, opening: Opening): Promise<Endpoint> {
  const { openBucketInS3 } = await import('../archive/endpoint.js')
  return openBucketInS3(address, opening)
}

async function openGateway(address: RemoteAddress, opening: Opening): Promise<Endpoint> {
  const { openAtGateway } = await import('../link/at-gateway.js')
  return openAtGateway(address, opening, await segmentAt(opening))
}

/** The segment that the command works in, if there is one. */
const segmentAt = async ({ app, segment }: Opening): Promise<Segment | undefined> =>
  hasSegment(app) ? segment(app.home) : undefined
