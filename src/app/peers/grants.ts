import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Grants, Rights } from '../../model/link.js'
import { kindOfName, parentOf, parseName } from '../../model/names.js'

const ALL = '*'
const NONE: Rights = { read: false, write: false }

/** What grants allow with a bucket: its own path counts, else its tenant's, else `*`. */
export function grantsFor(bucket: string, grants: Grants): Rights {
  const path = [bucket, parentOf(bucket), ALL].find((each) => Object.hasOwn(grants, each))
  return (path === undefined ? undefined : grants[path]) ?? NONE
}

/** @throws USAGE where they give nothing, too much to count, or name something else than buckets and tenants */
export function checkedGrants(grants: Grants): Grants {
  const paths = Object.keys(grants)
  if (!Object.values(grants).some(({ read, write }) => read || write)) {
    throw new EfsError('USAGE', 'a pairing without rights', { hint: 'name a bucket, and the rights: read, write' })
  }
  if (paths.length > LIMITS.grantsMax) {
    throw new EfsError('USAGE', `rights for ${paths.length} names; one pairing has at most ${LIMITS.grantsMax}`, {
      hint: 'give rights for a tenant, or for *',
    })
  }
  for (const path of paths) if (path !== ALL) parseName(kindOfName(path) === 'bucket' ? 'bucket' : 'tenant', path)
  return grants
}
