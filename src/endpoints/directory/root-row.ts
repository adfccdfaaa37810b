import { lstatSync } from 'node:fs'
import type { Clock } from '../../base/clock.js'
import type { Listing, ListOptions } from '../../model/endpoint.js'
import { compareKeys, ROOT_FOLDER } from '../../model/key.js'
import type { VersionRef } from '../../model/version-ref.js'
import { attributesOf, fingerprintOf } from './fingerprint.js'
import { pathOf } from './paths.js'

/** A listing with the directory itself as one more folder, where its key belongs. */
export async function* withRoot(listing: Listing, root: string, clock: Clock, options: ListOptions): Listing {
  const { prefix = '', after = '' } = options
  let due = ROOT_FOLDER.startsWith(prefix) && compareKeys(ROOT_FOLDER, after) > 0
  for await (const page of listing) {
    const behind = due ? page.findIndex(({ key }) => compareKeys(key, ROOT_FOLDER) > 0) : -1
    if (behind >= 0) {
      due = false
      yield [...page.slice(0, behind), rootRow(root, clock)]
      yield page.slice(behind)
    } else yield page
  }
  if (due) yield [rootRow(root, clock)]
}

function rootRow(root: string, clock: Clock): VersionRef {
  const takenMs = clock.nowMs()
  const stat = lstatSync(pathOf(root, ROOT_FOLDER), { bigint: true })
  return { key: ROOT_FOLDER, kind: 'folder', size: 0, ...attributesOf(stat), seen: fingerprintOf(stat, takenMs) }
}
