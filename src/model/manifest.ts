import { HASH_OF_NOTHING } from '../base/hash.js'
import type { ChunkRef } from './chunk.js'
import type { ContentHash, SegmentGuid, VersionId } from './ids.js'

/** The numbers stand in manifests and index rows and never change. */
export const KIND = { deleted: 0, file: 1, link: 2, folder: 3 } as const
export type KindName = keyof typeof KIND

/** What a file system or a user says of an object beside its bytes. Absent means: not known, not "empty". */
export interface Attributes {
  /** Permission bits, 0 to 0o7777. */
  readonly mode?: number
  /** Nanoseconds since 1970; may be negative. */
  readonly mtimeNs?: bigint
  /** Extended attributes by name; the order of names is that of their bytes. */
  readonly xattrs?: Readonly<Record<string, Uint8Array>>
  /** A user's own options, shown with `X-` before their names. */
  readonly user?: Readonly<Record<string, string>>
}

/** Where an object's bytes are. A link's inline bytes are its target; folders and deletes have empty inline bytes. */
export type Root =
  | { readonly inline: Uint8Array }
  /** Depth 0: `ref` is the only chunk. Depth n: a node whose children have depth n-1. */
  | { readonly ref: ChunkRef; readonly depth: number }

/** A root of content that is no inline bytes. */
export type TreeRoot = Exclude<Root, { inline: Uint8Array }>

/** Total order of versions, the same everywhere: by time, then by segment. */
export interface Stamp {
  /** Microseconds since 1970. */
  readonly time: number
  readonly segment: SegmentGuid
}

/** Segment to the highest stamp time of that segment in a version's line. */
export type Vector = Readonly<Record<SegmentGuid, number>>

/** What some content is, without its place in history: what a source that only has bytes can say. */
export interface Content {
  readonly kind: KindName
  /** Plain bytes; 0 for folders and deletes. */
  readonly size: number
  readonly contentHash: ContentHash
  readonly attributes: Attributes
  readonly root: Root
}

/** What a delete is. */
export const DELETION: Content = {
  kind: 'deleted',
  size: 0,
  contentHash: HASH_OF_NOTHING as ContentHash,
  attributes: {},
  root: { inline: new Uint8Array() },
}

/** One immutable state of some content. It knows neither its key nor its bucket; its hash is the version id. */
export interface Manifest extends Content {
  readonly stamp: Stamp
  readonly vector: Vector
  readonly parents: readonly VersionId[]
}

/** A manifest with the id that its encoding hashes to. */
export interface Version {
  readonly id: VersionId
  readonly manifest: Manifest
}

/** All that a version says, for who makes another one of it: where it has no options of a user's own there are none. */
export const wholeOf = (manifest: Manifest): Content => {
  const { attributes } = manifest
  return { ...manifest, attributes: { ...attributes, user: attributes.user ?? {} } }
}

export function compareStamps(a: Stamp, b: Stamp): number {
  if (a.time !== b.time) return a.time - b.time
  return a.segment < b.segment ? -1 : a.segment > b.segment ? 1 : 0
}

/** Whether a version with vector `a` is, or descends from, one with vector `b`. */
export function covers(a: Vector, b: Vector): boolean {
  for (const [segment, time] of Object.entries(b)) {
    if ((a[segment as SegmentGuid] ?? -1) < time) return false
  }
  return true
}

/** Each segment's highest stamp of either. */
export function mergeVectors(vectors: readonly Vector[]): Record<SegmentGuid, number> {
  const merged: Record<SegmentGuid, number> = {}
  for (const vector of vectors) {
    for (const [segment, time] of Object.entries(vector) as [SegmentGuid, number][]) {
      merged[segment] = Math.max(merged[segment] ?? 0, time)
    }
  }
  return merged
}

export interface Parent {
  readonly id: VersionId
  readonly stamp: Stamp
  readonly vector: Vector
}

/** A new version of `content` in the line of `parents`, as `segment` writes it at `nowMs`. */
export function mint(content: Content, parents: readonly Parent[], segment: SegmentGuid, nowMs: number): Manifest {
  const time = Math.max(nowMs * 1000, ...parents.map((parent) => parent.stamp.time + 1))
  const vector = mergeVectors(parents.map((parent) => parent.vector))
  vector[segment] = time
  return {
    kind: content.kind,
    size: content.size,
    contentHash: content.contentHash,
    attributes: content.attributes,
    root: content.root,
    stamp: { time, segment },
    vector,
    parents: parents.map((parent) => parent.id),
  }
}
