import { mkdirSync, realpathSync, statSync } from 'node:fs'
import type { Clock } from '../../base/clock.js'
import { EfsError, systemCode } from '../../base/errors.js'
import type { Endpoint, NotKept, Reader } from '../../model/endpoint.js'
import type { Stats } from '../../model/stats.js'
import type { Crew } from './crew.js'
import { Losses } from './losses.js'
import { readFiles } from './read.js'
import { withRoot } from './root-row.js'
import { DirectorySink } from './sink.js'
import { listDirectory } from './walk.js'
import { why } from './why.js'

export interface DirectoryOptions {
  readonly clock: Clock
  /** The folder is made where its parent exists; without this a missing one is NOT_FOUND. */
  readonly create?: boolean
  /** What is read is counted here. */
  readonly stats: Stats
}

export interface DirectoryEndpoint extends Endpoint {
  readonly source: Reader
  notKept(): readonly NotKept[]
}

/** A folder of a file system. @throws NOT_FOUND; USAGE where it is no folder; REFUSED, IO where it cannot be opened */
export async function directoryEndpoint(folder: string, options: DirectoryOptions): Promise<DirectoryEndpoint> {
  const root = rootOf(folder, options.create === true)
  const { clock, stats } = options
  let losses = new Losses()
  const sink = new DirectorySink(root, clock)
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
      read: (wanted, how) => readFiles({ root, clock, stats, crews }, wanted, how),
    },
    sink,
    notKept: () => losses.list(),
    close: async () => {
      sink.close()
      for (const crew of crews) await crew.stop()
    },
  }
}

function rootOf(folder: string, create: boolean): string {
  try {
    if (create && statSync(folder, { throwIfNoEntry: false }) === undefined) mkdirSync(folder)
    const root = realpathSync(folder)
    if (statSync(root).isDirectory()) return root
  } catch (error) {
    const code = systemCode(error)
    if (code !== 'ENOENT') throw new EfsError('IO', `cannot open ${folder}: ${why(error)}`, { cause: error })
    throw new EfsError('NOT_FOUND', `no such folder: ${folder}`, {
      hint: create ? 'make its parent folder first' : 'check the path',
    })
  }
  throw new EfsError('USAGE', `${folder} is not a folder`, { hint: 'name the folder that it is in' })
}
