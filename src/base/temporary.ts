import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'

const TEMPORARY = /^\.efs-(\d+)-[0-9a-f]+\.partial$/

/** Whether the name is that of a file which some run of ours is still writing, or left behind. */
export const isTemporary = (name: string): boolean => name.startsWith('.efs-') && TEMPORARY.test(name)

/** A new path for what is not complete yet. */
export const temporaryIn = (root: string): string =>
  path.join(root, `.efs-${process.pid}-${randomBytes(8).toString('hex')}.partial`)

/** Removes what processes that are gone left in the root. */
export function sweepTemporaries(root: string): void {
  for (const name of readdirSync(root)) {
    const pid = TEMPORARY.exec(name)?.[1]
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(path.join(root, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
