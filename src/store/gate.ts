import { open } from 'lmdb'

/**
 * Who opens an index, or commits to it, holds this meanwhile, whatever the process. LMDB's package (3.5.6, `mdb_env_open2`) sets the number
 * of the last commit, which all processes share, to that of the commit that the opener has just read. One that another process makes in
 * between would not count, and be written over.
 */
export interface Gate {
  /** What `work` gives, which must be synchronous. */
  hold<T>(work: () => T): T
  /** Once the index is closed. */
  close(): Promise<void>
}

/** For what no other process opens. */
export const NO_GATE: Gate = { hold: (work) => work(), close: () => Promise.resolve() }

const MAP_BYTES = 1024 * 1024

/**
 * The lock of the writer of a second LMDB file, in which nothing is ever written: so opening that one harms nothing, and what held it is
 * free when its holder dies.
 */
export function openGate(file: string): Gate {
  const root = open({ path: file, noSubdir: true, overlappingSync: false, noSync: true, mapSize: MAP_BYTES })
  return { hold: (work) => root.transactionSync(work), close: () => root.close() }
}
