import { existsSync, readdirSync } from 'node:fs'
import { shortGuid } from '../model/ids.js'
import { homePaths } from '../store/home.js'

// What there is, for who completes a word: nothing is opened that need not be, and nothing is changed.

const ENDING = '.json'

/** The short form of the segment in a home; undefined where there is none. @throws CORRUPT, NEWER_FORMAT, REFUSED */
export async function segmentIn(home: string): Promise<string | undefined> {
  if (!existsSync(homePaths(home).identity)) return undefined
  const { readIdentity } = await import('../store/identity.js')
  return shortGuid(readIdentity(home).guid)
}

/** The services of a home, in no order. */
export function serviceNames(home: string): string[] {
  const folder = homePaths(home).services
  if (!existsSync(folder)) return []
  return readdirSync(folder).flatMap((file) => (file.endsWith(ENDING) ? [file.slice(0, -ENDING.length)] : []))
}

/** The clusters, or what is directly below one or a tenant, as paths in byte order. */
export async function pathsBelow(home: string, parent: string): Promise<string[]> {
  const { namesBelow } = await import('../store/index/name-list.js')
  return namesBelow(home, parent)
}
