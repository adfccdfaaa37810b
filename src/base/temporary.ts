import { createHash, randomBytes } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs'
import { hostname } from 'node:os'
import path from 'node:path'
import { systemCode } from './errors.js'

const TEMPORARY = /^\.efs-(\d+)-([0-9a-f]+)\.partial$/
const SPACE_DIGITS = 8
/** What another machine writes is left alone for so long. */
const FOREIGN_MS = 24 * 60 * 60 * 1000

/** Whether the name is that of a file which some run of ours is still writing, or left behind. */
export const isTemporary = (name: string): boolean => name.startsWith('.efs-') && TEMPORARY.test(name)

/** A new path for what is not complete yet. */
export const temporaryIn = (root: string): string =>
  path.join(root, `.efs-${process.pid}-${ownSpace()}${randomBytes(8).toString('hex')}.partial`)

/** Removes what processes that are gone left in the root. Whether those of another machine or container are cannot be told, so of these it goes by the age. */
export function sweepTemporaries(root: string, nowMs: number): void {
  for (const name of readdirSync(root)) {
    const [, pid, digits] = TEMPORARY.exec(name) ?? []
    if (pid === undefined || digits === undefined) continue
    const at = path.join(root, name)
    const isLeft = digits.startsWith(ownSpace()) ? !isAlive(Number(pid)) : isOld(at, nowMs)
    if (isLeft) rmSync(at, { recursive: true, force: true })
  }
}

const isOld = (at: string, nowMs: number): boolean =>
  nowMs - (lstatSync(at, { throwIfNoEntry: false })?.ctimeMs ?? nowMs) > FOREIGN_MS

let space: string | undefined

/** Names the system that gave out this process's number. */
function ownSpace(): string {
  space ??= createHash('sha256')
    .update(
      [
        hostname(),
        orEmpty(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8')),
        orEmpty(() => readlinkSync('/proc/self/ns/pid')),
      ].join('\0'),
    )
    .digest('hex')
    .slice(0, SPACE_DIGITS)
  return space
}

function orEmpty(read: () => string): string {
  try {
    return read()
  } catch (error) {
    if (systemCode(error) === undefined) throw error
    return ''
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch (error) {
    return systemCode(error) === 'EPERM'
  }
}
