import type { BaselineRow } from '../model/baseline.js'
import { type ObjectKey, ROOT_FOLDER } from '../model/key.js'
import { compareStamps, type KindName } from '../model/manifest.js'
import type { Step, TransferPolicy } from '../model/transfer.js'
import { looksSame, untouched, type VersionRef } from '../model/version-ref.js'

/** Every rule of a one-way transfer, for one key: what the source has, what the sink has, what they last agreed on. */
export function decide(
  key: ObjectKey,
  here: VersionRef | undefined,
  there: VersionRef | undefined,
  base: BaselineRow | undefined,
  policy: TransferPolicy,
): Step {
  const step = policy.newsOnly ? decideNews(key, here, there, base) : decideAll(key, here, there, base, policy)
  const isAsAgreed = there?.seen !== undefined && base !== undefined && untouched(there.seen, base.seen)
  return step.kind === 'copy' && isAsAgreed && base.root ? { ...step, thereRoot: base.root } : step
}

/** The source's state is brought, whatever the sink has. */
function decideAll(
  key: ObjectKey,
  here: VersionRef | undefined,
  there: VersionRef | undefined,
  base: BaselineRow | undefined,
  policy: TransferPolicy,
): Step {
  if (here === undefined || here.kind === 'deleted') {
    if (there === undefined || there.kind === 'deleted') return { kind: 'keep', key, why: 'deleted' }
    const goes = policy.deleteExtra && key !== ROOT_FOLDER
    return goes
      ? { kind: 'delete', key, there, ...conflictOf(undefined, there, base) }
      : { kind: 'keep', key, why: 'extra' }
  }
  if (there === undefined || there.kind === 'deleted') return { kind: 'copy', key, here, ...(there && { there }) }
  return isSame(here, there, base, policy)
    ? { kind: 'keep', key, why: 'same' }
    : { kind: 'copy', key, here, there, ...conflictOf(here, there, base) }
}

/** The source wins in any case; a plan says so where something that it did not know goes with it. */
function conflictOf(
  here: VersionRef | undefined,
  there: VersionRef,
  base: BaselineRow | undefined,
): { readonly conflict?: string } {
  if (there.kind === 'folder' || here?.kind === 'folder') return {}
  const tips = Math.max(here?.held?.tips ?? 1, there.held?.tips ?? 1)
  if (tips > 1) return { conflict: `${tips} versions are in conflict at ${there.held?.tips === tips ? 'DST' : 'SRC'}` }
  if (base !== undefined) {
    const isAsAgreed = there.held
      ? there.held.id === base.id
      : there.seen !== undefined && looksSame(there.seen, base.seen)
    return isAsAgreed ? {} : { conflict: 'DST has changed since both sides last agreed' }
  }
  const isLater =
    here?.held !== undefined && there.held !== undefined && compareStamps(there.held.stamp, here.held.stamp) > 0
  return isLater ? { conflict: 'DST has a later version' } : {}
}

/** What of a key is new at the source since both sides agreed; see `TransferPolicy.newsOnly`. */
function decideNews(
  key: ObjectKey,
  here: VersionRef | undefined,
  there: VersionRef | undefined,
  base: BaselineRow | undefined,
): Step {
  // What S3 has a folder by is news of its own.
  if (here?.kind === 'folder' && isBare(here) && here.seen === undefined) return { kind: 'keep', key, why: 'same' }
  const isHere = isLive(here)
  const isThere = isLive(there)
  if (!isNews(here, base)) return { kind: 'keep', key, why: isHere ? 'same' : isThere ? 'extra' : 'deleted' }
  const parents = base === undefined ? [] : [base.id]
  const bothChanged = isNews(there, base)
  if (!isHere) {
    if (!isThere) return { kind: 'keep', key, why: 'deleted' }
    // Of a change and a delete the change stays.
    return (bothChanged && !isSameFolder(there, base)) || key === ROOT_FOLDER
      ? { kind: 'keep', key, why: 'extra' }
      : { kind: 'delete', key, there, parents }
  }
  if (!isThere && isSameFolder(here, base)) return { kind: 'keep', key, why: 'deleted' }
  if (!isThere) return { kind: 'copy', key, here, parents, ...(there && { there }) }
  if (here.kind === 'folder' && there.kind === 'folder') {
    if (isBare(here) || isBare(there)) return { kind: 'keep', key, why: 'same' }
    // A folder changes with what is in it, so of two that changed the bucket's is the one that somebody meant.
    const keeps = here.seen !== undefined && (bothChanged || isAlike(here, there))
    return keeps ? { kind: 'keep', key, why: 'same' } : { kind: 'copy', key, here, there, parents }
  }
  return bothChanged && there.seen !== undefined
    ? { kind: 'keep', key, why: 'same' }
    : { kind: 'copy', key, here, there, parents }
}

type Live = VersionRef & { readonly kind: Exclude<KindName, 'deleted'> }

const isLive = (row: VersionRef | undefined): row is Live => row !== undefined && row.kind !== 'deleted'

/** Whether a side is not as it was when both agreed. */
function isNews(row: VersionRef | undefined, base: BaselineRow | undefined): boolean {
  if (!isLive(row)) return base !== undefined
  if (base === undefined) return true
  return row.seen ? !untouched(row.seen, base.seen) : row.held?.id !== base.id
}

/** A folder changes with what is in it, also by our own deletes: that says nothing against a delete of it. */
const isSameFolder = (row: VersionRef | undefined, base: BaselineRow | undefined): boolean =>
  row?.kind === 'folder' && row.seen !== undefined && row.seen.inode === base?.seen.inode

const isAlike = (here: VersionRef, there: VersionRef): boolean =>
  agrees(here.mode, there.mode) && agrees(here.mtimeNs, there.mtimeNs)

function isSame(here: VersionRef, there: VersionRef, base: BaselineRow | undefined, policy: TransferPolicy): boolean {
  if (there.harmed !== undefined) return false
  if (isAgreed(here, there, base, policy)) return true
  if (here.kind !== there.kind) return false
  if (here.held && there.held) {
    if (here.held.id === there.held.id) return true
    return (
      here.size === there.size &&
      here.held.contentHash === there.held.contentHash &&
      here.held.attributesHash === there.held.attributesHash
    )
  }
  // S3 keeps no mode and no time of a folder.
  if (here.kind === 'folder' && (isBare(here) || isBare(there))) return true
  // A sink's folder changes whenever something in it does; its own mode and time say whether it is as it should be.
  if (here.kind === 'folder' && there.seen) return isAlike(here, there)
  return false
}

/** Whether neither side changed since both were found or made equal; a kind that only reading tells was equal then, too. */
function isAgreed(here: VersionRef, there: VersionRef, base: BaselineRow | undefined, policy: TransferPolicy): boolean {
  if (here.held && there.held) return false
  if (here.kind === 'folder' && there.seen) return false
  if (policy.checksum || base === undefined) return false
  const seen = here.seen ?? there.seen
  const held = here.held ?? there.held
  return seen !== undefined && held?.id === base.id && untouched(seen, base.seen)
}

const isBare = ({ mode, mtimeNs, held }: VersionRef): boolean =>
  held === undefined && mode === undefined && mtimeNs === undefined

/** What the source does not know, the sink may have as it likes. */
const agrees = (here: number | bigint | undefined, there: number | bigint | undefined): boolean =>
  here === undefined || here === there
