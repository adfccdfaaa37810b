import { EfsError } from '../base/errors.js'
import { decodeVersion } from '../format/manifest.js'
import type { Place } from '../format/rows-chunk.js'
import type { VersionRow } from '../format/rows-version.js'
import type { BucketUid } from '../model/ids.js'
import type { ObjectKey } from '../model/key.js'
import type { Version } from '../model/manifest.js'
import type { Tables } from './index/tables.js'
import { versionRow } from './index/version-rows.js'
import type { PackReader } from './packs/reader.js'

export interface VersionAt extends Pick<VersionRow, 'id' | 'stamp'> {
  readonly key: ObjectKey
}

/** Manifests of the versions of a bucket. */
export interface ManifestReader {
  /** In the order asked. @throws NOT_FOUND where one is not here any more; CORRUPT */
  read(bucket: BucketUid, versions: readonly VersionAt[]): Promise<Version[]>
}

export const createManifestReader = (tables: Tables, reader: PackReader): ManifestReader => ({
  async read(bucket, versions) {
    const find = (): Place[] => versions.map((version) => placeOf(tables, bucket, version))
    const payloads = await reader.readAt(find)
    return versions.map(({ id }, i) => decodeVersion(id, payloads[i] ?? Buffer.alloc(0)))
  },
})

function placeOf(tables: Tables, bucket: BucketUid, version: VersionAt): Place {
  const row = versionRow(tables, bucket, version.key, version)
  if (row !== undefined) return row.manifest
  throw new EfsError('NOT_FOUND', `that version of ${version.key} is not here any more`)
}
