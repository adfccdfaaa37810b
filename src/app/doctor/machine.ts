import { existsSync, watch } from 'node:fs'
import { mkdtemp, readFile, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { countText } from '../../base/counts.js'
import { systemCode, unlessGone } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { failed, passed, warned } from '../../model/finding.js'
import type { App } from '../app.js'
import { failedBy } from '../check/outcome.js'
import type { DoctorFinding } from './finding.js'

/** The oldest Node that efs runs on; package.json has the same. */
export const NODE_LEAST = [20, 19] as const
/** No machine's clock is before this efs. */
const EARLIEST_MS = Date.UTC(2026, 0)
const MiB = 1024 ** 2

export function runtimeTest(version: string, node: string): DoctorFinding {
  const [major = 0, minor = 0] = node.split('.').map(Number)
  const [least, leastMinor] = NODE_LEAST
  const what = `efs ${version} on Node ${node}, ${process.platform}-${process.arch}`
  if (major > least || (major === least && minor >= leastMinor)) return passed('runtime', what)
  return failed('runtime', `${what}: that Node is too old`, `install Node ${least}.${leastMinor} or later`)
}

export async function spaceTest(home: string): Promise<DoctorFinding> {
  try {
    const { bavail, bsize, files, ffree } = await statfs(standing(home))
    return spaceFinding(bavail * bsize, files > 0 && ffree === 0)
  } catch (error) {
    return failedBy('space', error)
  }
}

export function spaceFinding(freeBytes: number, noNames: boolean): DoctorFinding {
  const free = `${countText(Math.floor(freeBytes / MiB))} MiB free on the disk of the home`
  if (noNames) return failed('space', `${free}, but no room for another file (inodes)`, 'delete files there')
  if (freeBytes < LIMITS.commitBytesMax) return failed('space', free, 'make room: efs system gc, or a larger disk')
  if (freeBytes < LIMITS.packBytesMax) return warned('space', free, 'make room soon: efs system gc, or a larger disk')
  return passed('space', free)
}

/** What was written last in a home was not written in the future. */
export async function clockTest({ home, clock }: Pick<App, 'home' | 'clock'>): Promise<DoctorFinding> {
  const nowMs = clock.nowMs()
  const now = new Date(nowMs).toISOString()
  const hint = 'set it, and let the machine follow a time server'
  if (nowMs < EARLIEST_MS) return failed('clock', `${now} is before there was an efs`, hint)
  let newestMs = 0
  for (const name of ['index.mdb', 'doorbell', 'packs']) {
    const file = path.join(home, name)
    if (existsSync(file)) newestMs = Math.max(newestMs, (await stat(file)).mtimeMs)
  }
  if (newestMs <= nowMs + LIMITS.clockDriftMsMax) return passed('clock', now)
  return failed('clock', `${now}, but this home was written at ${new Date(newestMs).toISOString()}`, hint)
}

/** Node itself takes as many as it may, so what holds now is what there is. */
export async function filesTest(): Promise<DoctorFinding> {
  const limits = await textOf('/proc/self/limits')
  return filesFinding(/^Max open files +(\d+|unlimited)/m.exec(limits ?? '')?.[1])
}

export function filesFinding(limit: string | undefined): DoctorFinding {
  if (limit === undefined) return passed('files', 'this system does not tell how many may be open')
  const most = limit === 'unlimited' ? Number.POSITIVE_INFINITY : Number(limit)
  const what = `${limit} may be open at once`
  const hint = 'raise the hard limit: ulimit -Hn, or LimitNOFILE= of the unit'
  if (most < LIMITS.openFilesLeast) return failed('files', what, hint)
  return most < LIMITS.openFilesGood ? warned('files', `${what}: few for a gateway`, hint) : passed('files', what)
}

export async function watchesTest(): Promise<DoctorFinding> {
  const folder = await mkdtemp(path.join(tmpdir(), 'efs-doctor-'))
  try {
    watch(folder).close()
  } catch (error) {
    return failed('watches', `no folder can be watched: ${systemCode(error) ?? error}`, WATCHES_HINT)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
  const names = ['max_user_watches', 'max_user_instances'] as const
  const [watches, instances] = await Promise.all(names.map((name) => textOf(`/proc/sys/fs/inotify/${name}`)))
  return watchesFinding(watches, instances)
}

const WATCHES_HINT = 'raise them: sysctl fs.inotify.max_user_watches=65536 fs.inotify.max_user_instances=256'

export function watchesFinding(watches: string | undefined, instances: string | undefined): DoctorFinding {
  if (watches === undefined || instances === undefined) return passed('watches', 'folders can be watched')
  const what = `${watches.trim()} watches, ${instances.trim()} instances`
  const isGood = Number(watches) >= LIMITS.watchesGood && Number(instances) >= LIMITS.watchInstancesGood
  return isGood ? passed('watches', what) : warned('watches', `${what}: few for a gateway`, WATCHES_HINT)
}

/** The nearest folder above that is there, or the path itself. */
export function standing(target: string): string {
  for (let at = path.resolve(target); ; at = path.dirname(at)) if (existsSync(at) || path.dirname(at) === at) return at
}

/** Undefined on systems that have no such file. */
const textOf = (file: string): Promise<string | undefined> => readFile(file, 'utf8').catch(unlessGone)
