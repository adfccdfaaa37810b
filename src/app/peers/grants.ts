import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { Grants } from '../../model/link.js'
import { kindOfName, parseName } from '../../model/names.js'

const ALL = '*'

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
