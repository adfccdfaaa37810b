import type { BaselineRow } from '../model/endpoint.js'
import { type ObjectKey, ROOT_FOLDER } from '../model/key.js'
import type { Step, TransferPolicy } from '../model/transfer.js'
import { untouched, type VersionRef } from '../model/version-ref.js'

/** Every rule of a one-way transfer, for one key: what the source has, what the sink has, what they last agreed on. */
export function decide(
  key: ObjectKey,
  here: VersionRef | undefined,
  there: VersionRef | undefined,
  base: BaselineRow | undefined,
  policy: TransferPolicy,
): Step {
  if (here === undefined || here.kind === 'deleted') {
    if (there === undefined || there.kind === 'deleted') return { kind: 'keep', key, why: 'deleted' }
    const goes = policy.deleteExtra && key !== ROOT_FOLDER
    return goes ? { kind: 'delete', key, there } : { kind: 'keep', key, why: 'extra' }
  }
  if (there === undefined || there.kind === 'deleted') return { kind: 'copy', key, here, ...(there && { there }) }
  return isSame(here, there, base, policy) ? { kind: 'keep', key, why: 'same' } : { kind: 'copy', key, here, there }
}

function isSame(here: VersionRef, there: VersionRef, base: BaselineRow | undefined, policy: TransferPolicy): boolean {
  if (here.kind !== there.kind) return false
  if (here.held && there.held) {
    if (here.held.id === there.held.id) return true
    return (
      here.size === there.size &&
      here.held.contentHash === there.held.contentHash &&
      here.held.attributesHash === there.held.attributesHash
    )
  }
  // A sink's folder changes whenever something in it does; its own mode and time say whether it is as it should be.
  if (here.kind === 'folder' && there.seen) return agrees(here.mode, there.mode) && agrees(here.mtimeNs, there.mtimeNs)
  if (policy.checksum || base === undefined) return false
  const seen = here.seen ?? there.seen
  const held = here.held ?? there.held
  return seen !== undefined && held?.id === base.id && untouched(seen, base.seen)
}

/** What the source does not know, the sink may have as it likes. */
const agrees = (here: number | bigint | undefined, there: number | bigint | undefined): boolean =>
  here === undefined || here === there
