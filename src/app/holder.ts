import { statSync } from 'node:fs'
import { isRunning, type ProcessIdentity, thisProcess } from '../store/process-identity.js'

/** A process that has something of a home to itself. */
export interface Holder {
  readonly process: ProcessIdentity
  /** The home, as the file system knows it: a copy of the home has a copy of what says this, too. */
  readonly folder: string
}

export const thisHolder = (home: string): Holder => ({ process: thisProcess(), folder: folderOf(home) })

/** Whether it still runs, and for this home. */
export const isLive = ({ process, folder }: Holder, home: string): boolean =>
  folder === folderOf(home) && isRunning(process, home)

export function isThisProcess({ process: { pid, startTicks, boot, space } }: Holder): boolean {
  const own = thisProcess()
  return pid === own.pid && startTicks === own.startTicks && boot === own.boot && space === own.space
}

/** @throws where the fields are not those of one */
export function holderFrom(fields: Readonly<Record<string, unknown>>): Holder {
  const { pid, startTicks, boot, space = 0 } = recordFrom(fields.process)
  return {
    process: { pid: numberFrom(pid), startTicks: numberFrom(startTicks), boot: String(boot), space: numberFrom(space) },
    folder: String(fields.folder),
  }
}

/** @throws where it is no object */
export function recordFrom(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}

/** @throws where it is no whole number */
export function numberFrom(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a number')
  return Number(value)
}

function folderOf(home: string): string {
  const { dev, ino } = statSync(home, { bigint: true })
  return `${dev}:${ino}`
}
