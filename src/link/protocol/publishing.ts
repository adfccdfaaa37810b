import { LIMITS } from '../../base/limits.js'
import { bytesOf, bytesOfHex, damaged, hexOf, listOf } from '../../format/fields.js'
import { decodeManifest, decodeVersion, encodeManifest } from '../../format/manifest.js'
import { hex, key, list, mapped, maybe, oneOf, type Shape, struct } from '../../format/shape.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import { segmentGuid, type VersionId } from '../../model/ids.js'
import type { Content } from '../../model/manifest.js'
import { chunkRefs, words } from './values.js'

/** A draft travels as the manifest that nobody wrote at no time, so that it keeps the rules of all manifests. */
const NOBODY = segmentGuid('00'.repeat(16))
const UNWRITTEN = { stamp: { time: 0, segment: NOBODY }, vector: { [NOBODY]: 0 }, parents: [] } as const

/** What is complete: [key, version id, manifest], or for a draft [key, null, manifest]. Its number is its place in the list. */
type Complete = Pick<Done, 'key' | 'content'>

const complete: Shape<Complete> = {
  write: ({ key: name, content }) =>
    'manifest' in content
      ? [name, bytesOfHex(content.id), encodeManifest(content.manifest).bytes]
      : [name, null, encodeManifest({ ...content, ...UNWRITTEN }).bytes],
  read(value) {
    const [name, id, manifest] = listOf(value)
    const content = id === null ? draftOf(bytesOf(manifest)) : decodeVersion(versionIdOf(id), bytesOf(manifest))
    return { key: key.read(name), content }
  },
}

const versionIdOf = (value: Parameters<typeof hexOf>[0]): VersionId => hexOf(value, 32) as VersionId

function draftOf(bytes: Uint8Array): Content {
  const { kind, size, contentHash, attributes, root, stamp, parents } = decodeManifest(bytes)
  if (stamp.time !== 0 || stamp.segment !== NOBODY || parents.length > 0)
    throw damaged('a draft that was written before')
  return { kind, size, contentHash, attributes, root }
}

export const doneList: Shape<readonly Done[]> = mapped(
  list(complete, LIMITS.parcelObjectsMax),
  (done) => done,
  (read) => read.map((one, object): Done => ({ object, ...one })),
)

const STATUSES = ['published', 'known', 'superseded', 'needs', 'parked'] as const

const result: Shape<PublishResult> = mapped(
  struct({ status: oneOf(STATUSES), id: maybe(hex<VersionId>(32)), refs: maybe(chunkRefs), why: maybe(words) }),
  (value) => ({
    status: value.status,
    id: 'id' in value ? value.id : undefined,
    refs: 'refs' in value ? value.refs : undefined,
    why: 'why' in value ? value.why : undefined,
  }),
  ({ status, id, refs, why }): PublishResult => {
    switch (status) {
      case 'published':
      case 'known':
        return { status, ...(id === undefined ? undefined : { id }) }
      case 'superseded':
        return { status }
      case 'needs':
        return { status, refs: refs ?? [] }
      case 'parked':
        return { status, why: why ?? '' }
    }
  },
)

/** One for each of what was to be published, in order. */
export const results: Shape<readonly PublishResult[]> = list(result, LIMITS.parcelObjectsMax)
