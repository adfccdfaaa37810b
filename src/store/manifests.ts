import { decodeVersion } from '../format/manifest.js'
import type { VersionRow } from '../format/rows-version.js'
import type { Version } from '../model/manifest.js'
import type { PackReader } from './pack-reader.js'

/** Manifests by the rows that say where they are. */
export interface ManifestReader {
  /** In the order asked. @throws CORRUPT */
  read(rows: readonly Pick<VersionRow, 'id' | 'manifest'>[]): Promise<Version[]>
}

export const createManifestReader = (reader: PackReader): ManifestReader => ({
  async read(rows) {
    const payloads = await reader.read(rows.map(({ manifest }) => manifest))
    return rows.map(({ id }, i) => decodeVersion(id, payloads[i] ?? Buffer.alloc(0)))
  },
})
