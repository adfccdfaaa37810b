import { attributesHash } from '../../../src/model/attributes.js'
import type { ObjectKey } from '../../../src/model/key.js'
import type { Version } from '../../../src/model/manifest.js'
import type { VersionRef } from '../../../src/model/version-ref.js'

/** A version as listings tell it. */
export function refOf(key: ObjectKey, { id, manifest }: Version, tips: number): VersionRef {
  const { kind, size, stamp, contentHash, attributes, root } = manifest
  const { mode, mtimeNs } = attributes
  return {
    key,
    kind,
    size,
    ...(mode === undefined ? {} : { mode }),
    ...(mtimeNs === undefined ? {} : { mtimeNs }),
    held: {
      id,
      stamp,
      contentHash,
      attributesHash: attributesHash(attributes),
      root: 'inline' in root ? undefined : root,
      tips,
    },
  }
}
