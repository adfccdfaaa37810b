import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { encodeManifest } from '../../format/manifest.js'
import type { VersionRow } from '../../format/rows-version.js'
import { attributesHash } from '../../model/attributes.js'
import type { Done, PublishResult } from '../../model/endpoint.js'
import type { BucketUid, ChunkId, SegmentGuid, VersionId } from '../../model/ids.js'
import { type Content, covers, type Manifest, mint, type Version } from '../../model/manifest.js'
import type { PublishAs } from '../../model/segment.js'
import type { KeyView } from '../index/key-view.js'
import type { Tables } from '../index/tables.js'
import { bucketRow } from '../index/transaction.js'
import { type Line, versionRow } from '../index/version-rows.js'
import type { ManifestReader } from '../manifests.js'

/** A version that is to be written, if by then the key still has the tips that it was planned upon. */
export interface Planned {
  readonly version: Version
  /** The manifest as encoded. */
  readonly bytes: Uint8Array
  readonly line: Line
  readonly covered: ReadonlySet<VersionId>
  readonly tips: readonly VersionId[]
}

export type Plan = { readonly result: PublishResult } | { readonly planned: Planned }

export interface PlanContext {
  readonly tables: Tables
  readonly manifests: ManifestReader
  /** What new versions are stamped with. */
  readonly guid: SegmentGuid
  readonly clock: Clock
  /** Whether its content cannot be read whole any more, as far as that is known. */
  readonly isHarmed?: (row: VersionRow) => boolean
}

export interface PlanOptions extends Pick<PublishAs, 'overwrite' | 'ifUnchanged' | 'resolves'> {
  /** A version that the head descends from is kept as an older one, not refused. */
  readonly keepOlder: boolean
  /** It is published already, as a pack says or the facts of a segment in S3. */
  readonly isPast: boolean
}

/** What is to be published in which bucket. */
export interface PlanItem {
  readonly bucket: BucketUid
  readonly done: Done
  /** Stamp time in microseconds: what is minted for it has a later one. */
  readonly after: number
}

/** What becomes of one thing that is published, seen from what its key holds now. */
export async function planPublish(
  context: PlanContext,
  { bucket, done, after }: PlanItem,
  view: KeyView,
  options: PlanOptions,
): Promise<Plan> {
  const { key, content, there } = done
  const { tips } = view
  if (options.ifUnchanged === true && tips[0]?.id !== there?.held?.id) return { result: { status: 'superseded' } }
  const { floor } = bucketRow(context.tables, bucket)
  // A clock that went back must not mint what others would take for older than what was forgotten.
  const past = Math.max(after, floor)
  if (!('manifest' in content)) {
    const resolved = options.resolves?.get(key)
    const draft = await withOptions(view, content)
    if (resolved) return planResolved(context, view, draft, past, resolved)
    return done.parents
      ? planFollowing(context, view, draft, past, done.parents)
      : planContent(context, view, draft, past)
  }
  // Where the source wins, a version that is here but no longer the head is to become the head again.
  const isHere = versionRow(context.tables, bucket, key, { id: content.id, ...content.manifest }) !== undefined
  if (isHere && (!options.overwrite || tips[0]?.id === content.id)) return known(content.id)
  const { time } = content.manifest.stamp
  if (time > LIMITS.stampTimeMost && !options.isPast) return parked(tooLate(time))
  if (tips.length === 0 && time < floor) return parked(belowFloor(floor))
  return planVersion(context, view, content, past, options)
}

/** A user's own options, of which a source like a directory knows nothing, stay as the head has them. */
async function withOptions({ tips: [head], manifest }: KeyView, content: Content): Promise<Content> {
  const { user, ...attributes } = content.attributes
  const stays = user === undefined && head?.kind === content.kind && head.userAttributes
  const kept = stays ? (await manifest(head))?.attributes.user : user
  const hasSome = kept !== undefined && Object.keys(kept).length > 0
  return { ...content, attributes: hasSome ? { ...attributes, user: kept } : attributes }
}

const parked = (why: string): Plan => ({ result: { status: 'parked', why } })
const timeText = (stampTime: number): string => new Date(Math.floor(stampTime / 1000)).toISOString()

const belowFloor = (floor: number): string =>
  `it is older than ${timeText(floor)}, and deletes of before then were forgotten here`

const tooLate = (time: number): string =>
  `it says that it was written at ${timeText(time)}; nothing of after ${timeText(LIMITS.stampTimeMost)} is taken in`

/** New content descends from the head. */
async function planContent(context: PlanContext, view: KeyView, content: Content, after: number): Promise<Plan> {
  const [head] = view.tips
  if (content.kind === 'deleted' && (head === undefined || head.kind === 'deleted')) return known(head?.id)
  if (head !== undefined && (await isSame(context, view, head, content))) return known(head.id)
  return planMinted(context, view, content, after, head === undefined ? [] : [head])
}

/** It descends from what its writer knew, which others may have gone on from meanwhile: then both stay, where both have content. */
async function planFollowing(
  context: PlanContext,
  view: KeyView,
  content: Content,
  after: number,
  parents: readonly VersionId[],
): Promise<Plan> {
  const [head] = view.tips
  // A folder that stands again has nothing that could be in conflict with its delete.
  const standsAgain = content.kind === 'folder' && head?.kind === 'deleted'
  if (head === undefined || parents.includes(head.id) || standsAgain) return planContent(context, view, content, after)
  if (content.kind === 'deleted' && head.kind === 'deleted') return known(head.id)
  if (await isSame(context, view, head, content)) return known(head.id)
  if (content.kind === 'deleted' || content.kind === 'folder') return { result: { status: 'superseded' } }
  // What this segment wrote itself is covered: a vector has one stamp of it.
  const vectors = await Promise.all(view.tips.map((tip) => view.vector(tip)))
  const own = Math.max(after, ...vectors.map((vector) => vector[context.guid] ?? 0))
  const seen = view.all().filter(({ id }) => parents.includes(id))
  return planMinted(context, view, content, own, seen)
}

/** It descends from all tips, if they are still those. */
async function planResolved(
  context: PlanContext,
  view: KeyView,
  content: Content,
  after: number,
  resolved: readonly VersionId[],
): Promise<Plan> {
  const { tips } = view
  if (tips.length !== resolved.length || !tips.every(({ id }) => resolved.includes(id)))
    return { result: { status: 'superseded' } }
  return planMinted(context, view, content, after, tips)
}

async function planMinted(
  context: PlanContext,
  view: KeyView,
  content: Content,
  after: number,
  rows: readonly VersionRow[],
): Promise<Plan> {
  const parents = await Promise.all(
    rows.map(async (row) => ({ id: row.id, stamp: row.stamp, vector: await view.vector(row) })),
  )
  const nowMs = Math.max(context.clock.nowMs(), Math.floor(after / 1000) + 1)
  return planTip(view, mint(content, parents, context.guid, nowMs))
}

async function planVersion(
  context: PlanContext,
  view: KeyView,
  version: Version,
  after: number,
  { overwrite, keepOlder }: PlanOptions,
): Promise<Plan> {
  const { vector, stamp } = version.manifest
  const { tips } = view
  const vectors = await Promise.all(tips.map((tip) => view.vector(tip)))
  const descendsFrom = tips.filter((_, i) => covers(vector, vectors[i] ?? {}))
  const isOlder = vectors.some((theirs) => covers(theirs, vector))
  const [head] = tips
  const coversHead = head === undefined || descendsFrom.includes(head)
  if (overwrite && !coversHead) return planContent(context, view, version.manifest, Math.max(after, stamp.time))
  if (isOlder && !keepOlder) return { result: { status: 'superseded' } }
  const encoded = encodeOrWhy(version.manifest)
  if (typeof encoded === 'string') return parked(encoded)
  const { id, bytes } = encoded
  if (id !== version.id) throw new EfsError('CORRUPT', `version ${version.id.slice(0, 16)} does not hash to its name`)
  const covered = new Set(descendsFrom.map((tip) => tip.id))
  return plannedOf({ version, bytes, line: isOlder ? 'older' : 'tip', covered, tips: idsOf(tips) })
}

async function planTip({ tips, vector }: KeyView, manifest: Manifest): Promise<Plan> {
  const encoded = encodeOrWhy(manifest)
  if (typeof encoded === 'string') return parked(encoded)
  const { id, bytes } = encoded
  const covered = new Set<VersionId>()
  for (const tip of tips) if (covers(manifest.vector, await vector(tip))) covered.add(tip.id)
  return plannedOf({ version: { id, manifest }, bytes, line: 'tip', covered, tips: idsOf(tips) })
}

/** In words why it cannot be written: that is one thing's fault, and not that of what is published with it. */
function encodeOrWhy(manifest: Manifest): ReturnType<typeof encodeManifest> | string {
  try {
    return encodeManifest(manifest)
  } catch (error) {
    if (error instanceof EfsError && error.code === 'FAILED') return error.message
    throw error
  }
}

const plannedOf = (planned: Planned): Plan => ({ planned })
const idsOf = (rows: readonly VersionRow[]): VersionId[] => rows.map(({ id }) => id)
const known = (id: VersionId | undefined): Plan => ({ result: { status: 'known', ...(id && { id }) } })

async function isSame(context: PlanContext, view: KeyView, head: VersionRow, content: Content): Promise<boolean> {
  // The tree of what comes is there; that of the head may be another one, of the same content.
  if (rootIdOf(content) !== head.root?.ref.id && context.isHarmed?.(head) === true) return false
  if (head.kind !== content.kind || head.size !== content.size || head.contentHash !== content.contentHash) return false
  if (head.attributesHash !== attributesHash(content.attributes)) return false
  const user = Object.entries(content.attributes.user ?? {})
  if (!head.userAttributes) return user.length === 0
  const held = (await view.manifest(head))?.attributes.user ?? {}
  return Object.keys(held).length === user.length && user.every(([name, value]) => held[name] === value)
}

const rootIdOf = ({ root }: Content): ChunkId | undefined => ('inline' in root ? undefined : root.ref.id)
