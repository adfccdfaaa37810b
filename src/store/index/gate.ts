import { readFileSync, statSync } from 'node:fs'
import { open, type RootDatabase, type Transaction } from 'lmdb'
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
  /** From here on this process uses the home, until it calls what this gives. @throws CONFLICT where none can tell it from another one */
  enter(): () => void
  /** The other processes that use the home now, each by the number that it has in its own PID namespace. */
  others(): readonly number[]
}

/** For what no other process opens. */
export const NO_GATE: Gate = { hold: (work) => work(), enter: () => () => undefined, others: () => [] }

const MAP_BYTES = 1024 * 1024
export const READERS_MAX = 512

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
    maxReaders: READERS_MAX,
  })
  const gate: Gate = {
    hold: (work) => root.transactionSync(work),
    enter: () => enter(root),
    others: () => othersIn(root),
  }
  gates.set(identityOf(file), gate)
  return gate
}

/**
 * Who uses a home holds a read transaction in its gate, where no page has to be kept for it. Each stands in LMDB's table of readers, and holds
 * a lock of the system on the byte of its number: that tells who lives from who was killed, whatever namespace it is in.
 */
function enter(root: RootDatabase): () => void {
  const seat = seatIn(root)
  let isIn = true
  return () => {
    if (!isIn) return
    isIn = false
    // One that may be the current one stays in the table.
    root.resetReadTxn()
    seat.done()
  }
}

function seatIn(root: RootDatabase): Transaction {
  try {
    return root.useReadTransaction()
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    try {
      root.resetReadTxn()
    } catch {
      // LMDB's package has tried for seconds to get the lock, and goes on without: what it has left would throw later, too.
    }
    throw new EfsError(
      'CONFLICT',
      `a process of another container that has the same number (${process.pid}) uses this home`,
      {
        hint: 'run efs in that container (docker exec), or with its processes in view (--pid=host), or end it first',
        cause: error,
      },
    )
  }
}

function othersIn(root: RootDatabase): readonly number[] {
  root.readerCheck()
  const pids = root
    .readerList()
    .split('\n')
    .flatMap((line) => /^\s*(\d+)\s/.exec(line)?.[1] ?? [])
  return [...new Set(pids.map(Number))].filter((pid) => pid !== process.pid)
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
