import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** An empty folder that is gone after the test. */
export function emptyFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'efs-directory-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A time long ago, so that what was just made does not count as changed in this second. */
export const OLD_S = 1_600_000_000

/** Writes a file with the folders above it. */
export function makeFile(root: string, key: string, bytes: string | Uint8Array = ''): string {
  const file = path.join(root, key)
  mkdirSync(path.dirname(file), { recursive: true })
  writeFileSync(file, bytes)
  utimesSync(file, OLD_S, OLD_S)
  return file
}

/** Runs a program to its end; throws with what it said where it fails. */
export function run(program: string, ...args: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`)
  return stdout
}

/** Runs a compiled script as this user, without the right to read and write what its permission bits forbid. */
export function runWithoutPower(script: URL, ...args: string[]): unknown {
  const root = process.getuid?.() === 0
  const node = [process.execPath, script.pathname, ...args]
  const [program, ...rest] = root ? ['setpriv', '--bounding-set=-dac_override,-dac_read_search', ...node] : node
  return JSON.parse(run(program ?? '', ...rest))
}
