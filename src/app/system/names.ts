import { countOf } from '../../base/counts.js'
import { EfsError } from '../../base/errors.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { Named, NameKind, NameSpace } from '../../model/name-space.js'
import { kindOfName, lastPart, lineOf, NAME_FORMS, parentOf, parseName } from '../../model/names.js'
import { shownOptions } from '../../model/options-text.js'
import type { BucketCounters, Segment } from '../../model/segment.js'
import { inherited, SETTINGS_DEFAULT, type Settings } from '../../model/settings.js'
import { changedSettings, SETTING_FIELDS, type SettingsChange } from '../../model/settings-text.js'
import { type App, withRecords, withSegment } from '../app.js'
import { missing } from '../buckets.js'
import { findService } from '../services/files.js'
import { type BucketBytes, bytesIfQuick, bytesOf } from './bucket-bytes.js'
import { makeSegment } from './make-segment.js'

export interface NameCreated {
  readonly kind: NameKind
  readonly path: string
  readonly uid: BucketUid
  /** Paths of what was made above it, from the top. */
  readonly parents: readonly string[]
  /** Present where the segment was made too. */
  readonly segment?: { readonly guid: SegmentGuid; readonly home: string }
}

/**
 * Makes a cluster, tenant or bucket. While a segment has no cluster (or where no segment is yet and the home is absent
 * or empty) what stands above it is made too, as with `parents`.
 * @throws USAGE; EXISTS; NOT_FOUND where a parent is missing, or the home holds something else
 */
export async function createName(
  app: App,
  kind: NameKind,
  text: string,
  change: SettingsChange,
  options: { readonly parents: boolean },
): Promise<NameCreated> {
  const path = parseName(kind, text)
  const isNew = (await makeSegment(app)) !== undefined
  return withRecords(app, async ({ names, guid, home }) => {
    if (names.find(path) !== undefined) {
      throw new EfsError('EXISTS', `${kind} ${path} exists already`, {
        hint: `efs ${kind} set ${path} changes its settings`,
      })
    }
    const parents = await makeParents(names, path, options.parents || names.children('').length === 0)
    const { uid } = await names.create(path, changedSettings({}, change))
    return { kind, path, uid, parents, ...(isNew ? { segment: { guid, home } } : {}) }
  })
}

async function makeParents(names: NameSpace, path: string, allowed: boolean): Promise<string[]> {
  const absent = lineOf(path)
    .slice(0, -1)
    .filter((parent) => names.find(parent) === undefined)
  if (absent.length > 0 && !allowed) {
    const { message, hint } = missing(names, parentOf(path))
    throw new EfsError('NOT_FOUND', message, { hint: `${hint ?? ''} (--parents makes it)`.trimStart() })
  }
  for (const parent of absent) await names.create(parent, {})
  return absent
}

/**
 * The last parts of the names below `parent` (`''`: the clusters) that start with `prefix`, in byte order.
 * @throws USAGE, NOT_FOUND
 */
export function listNames(app: App, kind: NameKind, parent: string, prefix: string): Promise<string[]> {
  const above = kind === 'cluster' ? '' : parseName(kind === 'tenant' ? 'cluster' : 'tenant', parent)
  return withRecords(app, async ({ names }) => {
    if (above !== '') found(names, above)
    return names
      .children(above)
      .map(({ path }) => lastPart(path))
      .filter((name) => name.startsWith(prefix))
  })
}

export interface ShownSetting {
  readonly value: string | number
  /** The path on which it is set, or `default`. */
  readonly from: string
}

export interface NameShown {
  readonly kind: NameKind
  readonly path: string
  readonly uid: BucketUid
  readonly createdMs: number
  /** By field; options by `X-` and their key. */
  readonly settings: Readonly<Record<string, ShownSetting>>
  /** Present for a bucket. */
  readonly counters?: BucketCounters
  readonly digests?: { readonly digest: string; readonly digestFull: string }
  /** Null where to look was not asked for, and would take long or come upon damage. */
  readonly usage?: BucketBytes | null
}

/** `bytes`: look where the bytes of a bucket are, however long it takes. @throws USAGE, NOT_FOUND; CORRUPT, IO */
export function showName(
  app: App,
  kind: NameKind,
  text: string,
  { bytes, signal }: { readonly bytes: boolean; readonly signal: AbortSignal },
): Promise<NameShown> {
  const name = parseName(kind, text)
  return withSegment(app, async (segment) => {
    const { path, uid, createdMs } = found(segment.names, name)
    const line = lineOf(path).map((above) => found(segment.names, above))
    const shown = { kind, path, uid, createdMs, settings: shownSettings(kind, line) }
    if (kind !== 'bucket') return shown
    const usage = await (bytes ? bytesOf : bytesIfQuick)(segment, uid, signal)
    return { ...shown, ...contentOf(segment, uid), usage }
  })
}

function contentOf({ versions }: Segment, uid: BucketUid): Pick<NameShown, 'counters' | 'digests'> {
  const { content, full } = versions.digests(uid)
  return { counters: versions.counters(uid), digests: { digest: content, digestFull: full } }
}

/** What holds at the end of the line, each value with where it comes from; options after all else. */
function shownSettings(kind: NameKind, line: readonly Named[]): Record<string, ShownSetting> {
  const shown: Record<string, ShownSetting> = {}
  const defaults = kind === 'bucket' ? [{ path: 'default', settings: SETTINGS_DEFAULT }] : []
  for (const { path, settings } of [...defaults, ...line]) {
    for (const [name, value] of Object.entries(flat(settings))) shown[name] = { value, from: path }
  }
  const options = Object.keys(shown).filter((name) => name.startsWith('X-'))
  return Object.fromEntries(
    [...SETTING_FIELDS, ...options.sort()].flatMap((name) => {
      const setting = shown[name]
      return setting === undefined ? [] : [[name, setting] as const]
    }),
  )
}

const flat = ({ options = {}, ...fields }: Settings): Record<string, string | number> => ({
  ...fields,
  ...shownOptions(options),
})

export interface NameChanged {
  readonly kind: NameKind
  readonly path: string
  /** Whether anything is now other than it was. */
  readonly changed: boolean
  /** What holds now, with what is inherited; named as in `NameShown`. */
  readonly settings: Readonly<Record<string, string | number>>
}

/** Changes settings; null takes one away, so that it is inherited again. @throws USAGE, NOT_FOUND */
export function setName(app: App, kind: NameKind, text: string, change: SettingsChange): Promise<NameChanged> {
  const path = parseName(kind, text)
  if (Object.keys(change).length === 0)
    throw new EfsError('USAGE', 'no setting is given', { hint: `efs ${kind} set --help lists them` })
  return withRecords(app, async ({ names }) => {
    found(names, path)
    let changed = false
    await names.set(path, (before) => {
      const after = changedSettings(before, change)
      changed = !sameSettings(before, after)
      return changed ? after : before
    })
    const now = inherited(lineOf(path).map((above) => found(names, above).settings))
    return { kind, path, changed, settings: flat(now) }
  })
}

const sameSettings = (a: Settings, b: Settings): boolean => sortedText(a) === sortedText(b)

const sortedText = ({ options, ...fields }: Settings): string =>
  JSON.stringify([Object.entries(fields).sort(), Object.entries(options ?? {}).sort()])

export interface NameDeleted {
  readonly kind: NameKind
  readonly path: string
  /** Of what was deleted in it before: they are gone with it. */
  readonly versions: number
}

/** Deletes a name that has nothing below it. @throws USAGE; NOT_FOUND; NOT_EMPTY, with what is in it */
export function deleteName(app: App, kind: NameKind, text: string): Promise<NameDeleted> {
  const path = parseName(kind, text)
  return withSegment(app, async (segment) => {
    const { names, versions } = segment
    const { uid } = found(names, path)
    refuseServed(segment, path)
    if (kind === 'bucket') refuseObjects(path, versions.counters(uid).objects)
    else refuseChildren(kind, path, names.children(path))
    const kept = kind === 'bucket' ? versions.counters(uid).versions : 0
    await names.drop(path)
    return { kind, path, versions: kept }
  })
}

/** What a service still serves would be gone for its peer too, or come back from there. */
function refuseServed(segment: Segment, path: string): void {
  const all = segment.services.names().map((name) => findService(segment, name))
  for (const served of [path, parentOf(path)]) {
    const by = all.find((service) => service.served.some((one) => one.path === served))
    if (by === undefined) continue
    const whole = served === path ? '' : `, and so ${path}`
    throw new EfsError('GUARD', `service ${by.name} still serves ${served}${whole}`, {
      hint: `efs bucket detach ${served} ${by.name}`,
    })
  }
}

function refuseObjects(path: string, objects: number): void {
  if (objects === 0) return
  throw new EfsError('NOT_EMPTY', `bucket ${path} is not empty: ${countOf(objects, 'object')}`, {
    hint: `efs object delete deletes one; efs sync ./EMPTY ${path} --delete --force deletes all`,
  })
}

function refuseChildren(kind: NameKind, path: string, children: readonly Named[]): void {
  const [first] = children
  if (first === undefined) return
  throw new EfsError('NOT_EMPTY', `${kind} ${path} is not empty: ${countOf(children.length, first.kind)}`, {
    hint: `efs ${first.kind} list ${path} shows what it has, efs ${first.kind} delete deletes one`,
  })
}

/** @throws NOT_FOUND, with the nearest that there is */
function found(names: NameSpace, path: string): Named {
  const named = names.find(path)
  if (named !== undefined) return named
  const error = missing(names, path)
  if (names.children('').length > 0) throw error
  const { example } = NAME_FORMS.bucket
  throw new EfsError('NOT_FOUND', `no ${kindOfName(path)} ${path}`, {
    hint: `this segment has no names yet: efs bucket create ${example} makes a cluster, a tenant and a bucket`,
  })
}
