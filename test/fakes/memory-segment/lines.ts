import { compareStamps, covers, type Version } from '../../../src/model/manifest.js'

export const latestFirst = (a: Version, b: Version): number => compareStamps(b.manifest.stamp, a.manifest.stamp)

/** The versions of a key that no other one covers, the head first. */
export function tipsOf<V extends Version>(versions: readonly V[]): V[] {
  const sorted = versions.toSorted(latestFirst)
  return sorted.filter((one) => !sorted.some((other) => other !== one && descends(other, one)))
}

export const descends = (from: Version, other: Version): boolean => covers(from.manifest.vector, other.manifest.vector)
