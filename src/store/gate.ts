import { statSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'

/**
 * Who opens or closes an index, or commits to it, holds this meanwhile, whatever the process. LMDB's package (3.5.6) does not keep them apart:
 * who opens one sets the number of the last commit, which all processes share, to that of the commit that it has just read
 * (`mdb_env_open2`), so that one that another process makes in between is written over; and who closes one as the last destroys its locks,
 * also where another is just opening it.
 */
export interface Gate {
  /** What `work` gives, which must be synchronous. */
  hold<T>(work: () => T): T
}

/** For what no other process opens. */
export const NO_GATE: Gate = { hold: (work) => work() }

const MAP_BYTES = 1024 * 1024

/** Those of this process, by what the file system knows them by. */
const gates = new Map<string, Gate>()

/**
 * The lock of the writer of a second LMDB file, in which nothing is ever written, so that opening it harms nothing; what held it is free
 * when its holder dies. It stays open until the process ends, which destroys no lock.
 */
export function openGate(file: string): Gate {
  const known = gates.get(identityOf(file))
  if (known !== undefined) return known
  const root: RootDatabase = open({
    path: file,
    noSubdir: true,
    overlappingSync: false,
    noSync: true,
    mapSize: MAP_BYTES,
  })
  const gate: Gate = { hold: (work) => root.transactionSync(work) }
  gates.set(identityOf(file), gate)
  return gate
}

export function closeIn(gate: Gate, root: Pick<RootDatabase, 'close'>): Promise<void> {
  // A promise that were given out as it is would keep the gate held until it settles.
  const { closed } = gate.hold(() => ({ closed: root.close() }))
  return closed
}

function identityOf(file: string): string {
  const stat = statSync(file, { bigint: true, throwIfNoEntry: false })
  return `${stat?.dev}:${stat?.ino}`
}
