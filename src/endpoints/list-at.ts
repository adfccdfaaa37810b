import type { Listing, ListOptions, Parked } from '../model/endpoint.js'
import type { BucketUid } from '../model/ids.js'
import type { VersionIndex } from '../model/segment.js'
import type { VersionRef } from '../model/version-ref.js'

/**
 * What was in a bucket at a time. What may have been there, and is kept of later times alone, is given to `parked`: versions go once a bucket
 * has too many of them.
 */
export async function* listAt(
  versions: Pick<VersionIndex, 'list' | 'manifests'>,
  bucket: BucketUid,
  options: ListOptions & { readonly atMs: number },
  parked: (what: Parked) => void,
): Listing {
  const later: VersionRef[] = []
  const tell = async (): Promise<void> => {
    const asked = later.splice(0)
    const found = await versions.manifests(bucket, asked)
    for (const [i, { manifest }] of found.entries()) {
      const { key, held } = asked[i] ?? {}
      if (key === undefined || held === undefined || manifest.parents.length === 0) continue
      const since = new Date(held.stamp.time / 1000).toISOString()
      const at = new Date(options.atMs).toISOString()
      parked({ key, why: `no version as old as ${at} is kept: the oldest is of ${since}` })
    }
  }
  for await (const page of versions.list(bucket, { ...options, unkept: (earliest) => later.push(earliest) })) {
    await tell()
    yield page
  }
  await tell()
}
