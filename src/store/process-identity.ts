import { readFileSync, statSync } from 'node:fs'
import { systemCode } from '../base/errors.js'
import { fieldsOrNone } from '../base/json-fields.js'
import type { OwnerRow } from '../format/rows-home.js'
import { gateOf } from './index/tables.js'

/** One process, told apart from a later one that has the same pid. */
export type ProcessIdentity = Pick<OwnerRow, 'pid' | 'startTicks' | 'boot' | 'space'>

/** Out of JSON; undefined where that names none. */
export function processOf(value: unknown): ProcessIdentity | undefined {
  const { pid, startTicks, boot, space = 0 } = fieldsOrNone(value)
  const isOne =
    typeof pid === 'number' && typeof startTicks === 'number' && typeof boot === 'string' && typeof space === 'number'
  return isOne ? { pid, startTicks, boot, space } : undefined
}

/** No process. */
export const NOBODY: ProcessIdentity = { pid: 0, startTicks: 0, boot: '0'.repeat(32), space: 0 }

const START_TICKS_FIELD = 22
const NO_BOOT = '0'.repeat(32)

let known: ProcessIdentity | undefined

export function thisProcess(): ProcessIdentity {
  known ??= { pid: process.pid, startTicks: startTicksOf(process.pid) ?? 0, boot: bootId(), space: pidSpace() }
  return known
}

/**
 * Whether that process, which has something of a home to itself, still runs. A pid that was given out again after a boot or an end is not
 * that process. Of another PID namespace, a container's, only who uses the home can be told, by number: who may be it is taken for it.
 */
export function isRunning(owner: ProcessIdentity, home: string): boolean {
  if (owner.boot === bootId() && isOfOtherSpace(owner)) return gateOf(home).others().includes(owner.pid)
  return runsHere(owner)
}

/** The same without a home: of another PID namespace nothing is known, and the answer is no. */
export function runsHere(owner: ProcessIdentity): boolean {
  if (owner.boot !== bootId() || isOfOtherSpace(owner)) return false
  if (owner.startTicks !== 0) return startTicksOf(owner.pid) === owner.startTicks
  try {
    process.kill(owner.pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Its number means nothing here: it is no process to look at, or to send a signal to. */
export const isOfOtherSpace = ({ space }: ProcessIdentity): boolean => space !== 0 && space !== thisProcess().space

/** What tells this PID namespace from others of the same boot; 0 where the system does not tell. */
function pidSpace(): number {
  try {
    return statSync('/proc/self/ns/pid').ino
  } catch (error) {
    if (NOT_THERE.has(systemCode(error) ?? '')) return 0
    throw error
  }
}

/** Of the running system, as 32 hex digits; zeros where the system does not tell. */
export function bootId(): string {
  const text = readIfThere('/proc/sys/kernel/random/boot_id')
  return text?.trim().replaceAll('-', '') ?? NO_BOOT
}

function startTicksOf(pid: number): number | undefined {
  const stat = readIfThere(`/proc/${pid}/stat`)
  if (stat === undefined) return undefined
  // The second field is the command in parentheses and may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const isZombie = fields[0] === 'Z' || fields[0] === 'X'
  return isZombie ? undefined : Number(fields[START_TICKS_FIELD - 3])
}

/** What a system without `/proc`, or a process that is gone, is answered with. */
const NOT_THERE = new Set(['ENOENT', 'ENOTDIR', 'ESRCH', 'EACCES', 'EPERM'])

/** @throws what says nothing of the process: who cannot read now must not take it for one that is gone */
function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'latin1')
  } catch (error) {
    if (NOT_THERE.has(systemCode(error) ?? '')) return undefined
    throw error
  }
}
