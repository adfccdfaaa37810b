import { accessSync, constants, existsSync, lstatSync, mkdirSync, realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import type { Clock } from '../../base/clock.js'
import { EfsError, systemCode } from '../../base/errors.js'
import type { Endpoint, Listing, Looker, NotKept, Reader, Sink } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Attributes } from '../../model/manifest.js'
import type { Stats } from '../../model/stats.js'
import type { Crew } from './crew.js'
import { attributesOf } from './fingerprint.js'
import { listDirectory } from './listing.js'
import { lookRows } from './look.js'
import { Losses } from './losses.js'
import { mountsIn } from './mounts.js'
import { pathOf } from './paths.js'
import { readFiles } from './read.js'
import { withRoot } from './root-row.js'
import { DirectorySink } from './sink.js'
import { syncNames } from './sink-write.js'
import { FolderWatch, type WatchEvents } from './watch.js'
import { refusalOf, why } from './why.js'
import { readXattrs } from './xattrs.js'

export interface DirectoryOptions {
  readonly clock: Clock
  /** A missing folder whose parent exists is made, or taken for one with nothing in it. Else it is NOT_FOUND. */
  readonly missing?: 'made' | 'empty' | undefined
  /** As in `ReadOptions`. */
  readonly restMs?: number
  /** What is read is counted here. */
  readonly stats: Stats
}

export interface DirectoryEndpoint extends Endpoint {
  readonly source: Reader & Looker
  readonly sink: Sink & Looker
  notKept(): readonly NotKept[]
  mounts(): readonly ObjectKey[]
  /** What is kept of a file beside its content; undefined where it cannot be looked at. */
  attributes(key: ObjectKey): Attributes | undefined
  /** Tells what changes in it until that is closed. @throws IO where the system does not watch that many folders */
  watch(events: WatchEvents): FolderWatch
}

/** A folder of a file system. @throws NOT_FOUND; USAGE where it is no folder; REFUSED, IO where it cannot be opened */
export async function directoryEndpoint(folder: string, options: DirectoryOptions): Promise<DirectoryEndpoint> {
  const { clock, stats, missing, restMs = 0 } = options
  const isNew = missing === 'made' && !existsSync(folder)
  const root = rootOf(folder, missing)
  if (isNew) await syncNames(path.dirname(root)).catch(throwUnlessClosed)
  let losses = new Losses()
  const sink = existsSync(root) ? new DirectorySink(root, clock) : new UnmadeSink(root, clock)
  const crews = new Set<Crew>()
  return {
    label: folder,
    identity: `dir:${root}`,
    source: {
      kind: 'reads',
      list: (how, parked) => {
        losses = new Losses()
        return withRoot(listDirectory({ root, clock, losses, parked }, how), root, clock, how)
      },
      read: (wanted, how) =>
        readFiles({ root, clock, stats, crews, lost: (lost) => losses.addAll(lost) }, wanted, { restMs, ...how }),
      look: async (keys, parked) => lookRows(root, clock, keys, parked),
    },
    sink,
    notKept: () => losses.list(),
    mounts: () => mountsIn(root),
    attributes: (key) => attributesAt(pathOf(root, key)),
    watch: (events) => new FolderWatch(root, events),
    close: async () => {
      await sink.close()
      for (const crew of crews) await crew.stop()
    },
  }
}

/** A folder in which one may write and which one may not read cannot be synced. */
function throwUnlessClosed(error: unknown): void {
  if (systemCode(error) !== 'EACCES') throw error
}

function attributesAt(at: string): Attributes | undefined {
  try {
    const stat = lstatSync(at, { bigint: true })
    const xattrs = stat.isSymbolicLink() ? undefined : readXattrs(at)
    return { ...attributesOf(stat), ...(xattrs && { xattrs }) }
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return undefined
  }
}

/** Of a folder that is not there: a plan lists it, and the run would make it. */
class UnmadeSink extends DirectorySink {
  override async *list(): Listing {
    // Nothing is in it.
  }
}

/** What opening a folder that is to be written would find wrong with it; makes nothing. @throws as `directoryEndpoint` */
export function lookAtFolder(folder: string): void {
  const there = existsSync(folder) ? folder : path.dirname(folder)
  withWords(folder, true, () => {
    if (!statSync(there).isDirectory()) throw noFolder(there)
    if (there !== folder) accessSync(there, constants.W_OK)
  })
}

function rootOf(folder: string, missing: DirectoryOptions['missing']): string {
  return withWords(folder, missing !== undefined, () => {
    const isThere = statSync(folder, { throwIfNoEntry: false }) !== undefined
    if (!isThere && missing === 'empty') return path.join(realpathSync(path.dirname(folder)), path.basename(folder))
    if (!isThere && missing === 'made') mkdirSync(folder)
    const root = realpathSync(folder)
    if (!statSync(root).isDirectory()) throw noFolder(folder)
    return root
  })
}

function withWords<T>(folder: string, create: boolean, act: () => T): T {
  try {
    return act()
  } catch (error) {
    if (error instanceof EfsError) throw error
    const code = systemCode(error)
    if (code !== 'ENOENT')
      throw new EfsError(refusalOf(error), `cannot open ${folder}: ${why(error)}`, { cause: error })
    throw new EfsError('NOT_FOUND', `no such folder: ${folder}`, {
      hint: create ? 'make its parent folder first' : 'check the path',
    })
  }
}

const noFolder = (folder: string): EfsError =>
  new EfsError('USAGE', `${folder} is not a folder`, { hint: 'name the folder that it is in' })
