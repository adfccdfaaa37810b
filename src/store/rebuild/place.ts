import { mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { EfsError, systemCode } from '../../base/errors.js'
import { isRunning, type ProcessIdentity, thisProcess } from '../process-identity.js'

const NAME = /^rebuild\.(\d+)\.(\d+)\.([0-9a-f]{32})(?:\.(\d+))?$/

/**
 * A folder in the home for what a rebuild makes. Its name says whose it is, so that two processes do not rebuild at the
 * same time, and what a killed one left is cleared away. The caller removes it.
 * @throws CONFLICT
 */
export async function takePlace(home: string): Promise<string> {
  const { pid, startTicks, boot, space } = thisProcess()
  const place = path.join(home, `rebuild.${pid}.${startTicks}.${boot}.${space}`)
  try {
    await mkdir(place)
  } catch (error) {
    throw systemCode(error) === 'EEXIST' ? busy(pid) : error
  }
  for (const name of await readdir(home)) {
    const owner = ownerOf(name)
    const other = path.join(home, name)
    if (owner === undefined || other === place) continue
    if (isRunning(owner, home)) {
      await rm(place, { recursive: true })
      throw busy(owner.pid)
    }
    await rm(other, { recursive: true, force: true })
  }
  return place
}

function ownerOf(name: string): ProcessIdentity | undefined {
  const [, pid, startTicks, boot, space = '0'] = NAME.exec(name) ?? []
  return boot === undefined
    ? undefined
    : { pid: Number(pid), startTicks: Number(startTicks), boot, space: Number(space) }
}

const busy = (pid: number): EfsError =>
  new EfsError('CONFLICT', `process ${pid} is making the index anew`, {
    hint: 'wait until it has ended, then run the same command again',
  })
