import { statSync } from 'node:fs'
import { type Fields, textOf } from '../base/json-fields.js'
import { isRunning, type ProcessIdentity, processOf, thisProcess } from '../store/process-identity.js'

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
export function holderFrom(fields: Fields): Holder {
  const process = processOf(fields.process)
  if (process === undefined) throw new TypeError('no process')
  return { process, folder: textOf(fields.folder) }
}

function folderOf(home: string): string {
  const { dev, ino } = statSync(home, { bigint: true })
  return `${dev}:${ino}`
}
