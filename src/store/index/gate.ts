import { readFileSync, statSync } from 'node:fs'
import { open, type RootDatabase } from 'lmdb'
import { EfsError } from '../../base/errors.js'

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
 * when its holder dies. It stays open until the process ends, which destroys no lock. @throws CORRUPT where it is not what LMDB made
 */
export function openGate(file: string): Gate {
  const known = gates.get(identityOf(file))
  if (known !== undefined) return known
  assertSound(file)
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

const MAGIC_AT = 24
const MAGIC = 0xbeefc0de

/** LMDB ends a process that opens anything else. */
function assertSound(file: string): void {
  const { size } = statSync(file)
  if (size === 0) return
  const bytes = size <= MAP_BYTES ? readFileSync(file) : Buffer.alloc(0)
  const isSound = bytes.length >= MAGIC_AT + 4 && bytes.readUInt32LE(MAGIC_AT) === MAGIC
  if (isSound) return
  throw new EfsError('CORRUPT', `${file} is damaged`, {
    hint: 'nothing is in it: when no efs uses the home, delete it and run the same command again',
  })
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
