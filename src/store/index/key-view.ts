import { EfsError } from '../../base/errors.js'
import type { VersionRow } from '../../format/rows-version.js'
import type { BucketUid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Manifest, Vector } from '../../model/manifest.js'
import type { ManifestReader } from '../manifests.js'
import type { Tables } from './tables.js'
import { allRows, tipRows } from './version-rows.js'

/** The versions of one key, as somebody who plans sees them. */
export interface KeyView {
  /** The head first. */
  readonly tips: readonly VersionRow[]
  /** All that are kept. */
  all(): VersionRow[]
  /** Undefined where it was removed meanwhile: then what is planned upon it is planned again. */
  manifest(row: VersionRow): Promise<Manifest | undefined>
  /** Mostly without reading the manifest. */
  vector(row: VersionRow): Promise<Vector>
}

export function viewKey(tables: Tables, manifests: ManifestReader, bucket: BucketUid, key: ObjectKey): KeyView {
  const view: KeyView = {
    tips: tipRows(tables, bucket, key),
    all: () => allRows(tables, bucket, key),
    async manifest({ id, stamp }) {
      try {
        return (await manifests.read(bucket, [{ key, id, stamp }]))[0]?.manifest
      } catch (error) {
        if (error instanceof EfsError && error.code === 'NOT_FOUND') return undefined
        throw error
      }
    },
    async vector(row) {
      if (row.vectorIsStamp) return { [row.stamp.segment]: row.stamp.time }
      return (await view.manifest(row))?.vector ?? {}
    },
  }
  return view
}
