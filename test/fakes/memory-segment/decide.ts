import type { Clock } from '../../../src/base/clock.js'
import { EfsError } from '../../../src/base/errors.js'
import { decodeVersion, encodeManifest } from '../../../src/format/manifest.js'
import { attributesHash } from '../../../src/model/attributes.js'
import type { Done, PublishResult } from '../../../src/model/endpoint.js'
import type { SegmentGuid, VersionId } from '../../../src/model/ids.js'
import { type Content, type Manifest, mint, type Version } from '../../../src/model/manifest.js'
import { descends, tipsOf } from './lines.js'

/** Who writes, and how. */
export interface Writing {
  readonly guid: SegmentGuid
  readonly clock: Clock
  readonly overwrite: boolean
  /** Versions that a tip descends from are kept too. */
  readonly keepOlder?: boolean
  /** Deletes of before were forgotten; microseconds. */
  readonly floor: number
  /** Content descends from all of these tips, or is superseded. */
  readonly resolved: readonly VersionId[] | undefined
  /** Content descends from these, not from the head. */
  readonly parents: readonly VersionId[] | undefined
}

/** A version that is to be kept, or the result where none is. */
export type Decision = { readonly version: Version } | { readonly result: PublishResult }

/** What becomes of one thing whose chunks are all here, over the versions that its key has. */
export function decide(versions: readonly Version[], given: Done['content'], writing: Writing): Decision {
  const tips = tipsOf(versions)
  const [head] = tips
  const content = 'manifest' in given ? given : withOptions(head, given)
  const { overwrite, floor, keepOlder, resolved, parents } = writing
  if (!('manifest' in content)) {
    const standsAgain = content.kind === 'folder' && head?.manifest.kind === 'deleted'
    if (resolved === undefined && parents && head && !parents.includes(head.id) && !standsAgain) {
      if (isSame(head.manifest, content)) return known(head)
      if (content.kind === 'deleted' || content.kind === 'folder') return { result: { status: 'superseded' } }
      const own = tips.map(({ manifest }) => manifest.vector[writing.guid] ?? 0)
      const upon = versions.filter(({ id }) => parents.includes(id))
      return minted(upon, content, Math.max(floor, ...own), writing)
    }
    if (resolved === undefined) return decideContent(head, content, floor, writing)
    const isThose = tips.length === resolved.length && tips.every((tip) => resolved.includes(tip.id))
    return isThose ? minted(tips, content, floor, writing) : { result: { status: 'superseded' } }
  }
  const { id, manifest } = content
  if (versions.some((one) => one.id === id) && (!overwrite || head?.id === id)) return known(content)
  if (head === undefined && manifest.stamp.time < floor) return belowFloor(floor)
  if (overwrite && head !== undefined && !descends(content, head)) {
    return decideContent(head, manifest, Math.max(manifest.stamp.time, floor), writing)
  }
  if (keepOlder !== true && tips.some((tip) => descends(tip, content))) return { result: { status: 'superseded' } }
  const version = written(manifest)
  if (version.id !== id) throw new EfsError('CORRUPT', 'a version that does not hash to its name')
  return { version }
}

/** Options that nothing is said of stay as the head has them. */
function withOptions(head: Version | undefined, content: Content): Content {
  const { user, ...attributes } = content.attributes
  const kept = user ?? (head?.manifest.kind === content.kind ? head.manifest.attributes.user : undefined) ?? {}
  return { ...content, attributes: Object.keys(kept).length > 0 ? { ...attributes, user: kept } : attributes }
}

function belowFloor(floor: number): Decision {
  const time = new Date(Math.floor(floor / 1000)).toISOString()
  const why = `it is older than ${time}, and deletes of before then were forgotten here`
  return { result: { status: 'parked', why } }
}

/** New content descends from the head. What is minted is later than `after`, in microseconds. */
function decideContent(head: Version | undefined, content: Content, after: number, writing: Writing): Decision {
  const isGone = head === undefined || head.manifest.kind === 'deleted'
  if (isGone && content.kind === 'deleted') return known(head)
  if (head !== undefined && isSame(head.manifest, content)) return known(head)
  return minted(head ? [head] : [], content, after, writing)
}

function minted(upon: readonly Version[], content: Content, after: number, { guid, clock }: Writing): Decision {
  const parents = upon.map(({ id, manifest: { stamp, vector } }) => ({ id, stamp, vector }))
  const nowMs = Math.max(clock.nowMs(), Math.floor(after / 1000) + 1)
  return { version: written(mint(content, parents, guid, nowMs)) }
}

/** As it is read again. */
function written(manifest: Manifest): Version {
  const { id, bytes } = encodeManifest(manifest)
  return decodeVersion(id, bytes)
}

const known = (version: Pick<Version, 'id'> | undefined): Decision => ({
  result: { status: 'known', ...(version && { id: version.id }) },
})

function isSame(a: Content, b: Content): boolean {
  const userOf = ({ attributes }: Content): string => JSON.stringify(Object.entries(attributes.user ?? {}).sort())
  return (
    a.kind === b.kind &&
    a.size === b.size &&
    a.contentHash === b.contentHash &&
    attributesHash(a.attributes) === attributesHash(b.attributes) &&
    userOf(a) === userOf(b)
  )
}
