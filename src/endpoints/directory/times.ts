import { lutimesSync } from 'node:fs'

/** Sets both times of a file, a folder or a link itself. @throws the system's error */
export type SetTime = (path: string, mtimeNs: bigint) => void

const SECOND_NS = 1_000_000_000n
/** AT_FDCWD and AT_SYMLINK_NOFOLLOW, which differ between systems. */
const FLAGS: Readonly<Record<string, readonly [number, number]>> = { linux: [-100, 0x100], darwin: [-2, 0x20] }

/**
 * Node tells times to the system as seconds in a double, which is off by up to a microsecond. The system's own
 * `utimensat` is exact; where it cannot be called, Node's has to do.
 */
export async function timeSetter(): Promise<SetTime> {
  const flags = FLAGS[process.platform]
  if (flags === undefined) return setNear
  let set: (at: number, path: string, times: Buffer, flag: number) => number
  try {
    const { default: koffi } = await import('koffi')
    set = koffi.load(null).func('int utimensat(int, const char *, void *, int)')
  } catch {
    return setNear
  }
  const times = Buffer.alloc(32)
  return (path, mtimeNs) => {
    const seconds = mtimeNs / SECOND_NS - (mtimeNs % SECOND_NS < 0n ? 1n : 0n)
    for (const at of [0, 16]) {
      times.writeBigInt64LE(seconds, at)
      times.writeBigInt64LE(mtimeNs - seconds * SECOND_NS, at + 8)
    }
    // Node's call is asked only to say what is wrong.
    if (set(flags[0], path, times, flags[1]) !== 0) setNear(path, mtimeNs)
  }
}

const setNear: SetTime = (path, mtimeNs) => {
  const seconds = Number(mtimeNs) / Number(SECOND_NS)
  lutimesSync(path, seconds, seconds)
}
