import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import { EarlyNodes } from '../../endpoints/early-nodes.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { Grants, Guest, NamedThere, Rights } from '../../model/link.js'
import type { LiveBucket } from '../../model/live.js'
import type { Named, NameSpace } from '../../model/name-space.js'
import { kindOfName, lineOf, parentOf, parseName } from '../../model/names.js'
import type { Settings } from '../../model/settings.js'
import { firstWrong } from '../glance.js'
import { type Told, watched } from './guest-work.js'
import type { Premises } from './premises.js'
import { isVisible, rightsTo } from './rights.js'

type Lent = ReturnType<Premises['lent']>

/**
 * A peer, held to what it is granted at any time: nothing, once it is not let in any more. Of what it may not know it is not told whether
 * it is there.
 */
export class HostedGuest implements Guest {
  readonly #stops = new Set<() => void>()
  readonly #lent = new Map<BucketUid, Lent>()
  readonly #early = new EarlyNodes()

  constructor(
    readonly segment: SegmentGuid,
    readonly granted: () => Grants | undefined,
    readonly premises: Premises,
    /** Who is told what is done with a bucket. */
    readonly toldOf: (bucket: Named) => Told,
  ) {}

  get grants(): Grants {
    const grants = this.granted()
    if (grants === undefined) throw shownOut()
    return grants
  }

  async names(path: string): Promise<NamedThere[]> {
    if (path !== '' && this.#seen(path) === undefined) throw notHere(path, this.#visible(parentOf(path)))
    return this.#visible(path)
  }

  async make(path: string, settings: Settings, parents: boolean): Promise<NamedThere> {
    const { names } = this.premises.segment
    parseName(kindOfName(path), path)
    const known = this.#seen(path)
    if (known !== undefined) return there(known)
    if (!rightsTo(path, this.grants).write) throw noRight('make', path)
    const missing = parents ? undefined : lineOf(parentOf(path)).find((above) => names.find(above) === undefined)
    if (missing !== undefined) throw notHere(missing, this.#visible(parentOf(missing)))
    return there(await makeName(names, path, settings, parents))
  }

  async open(path: string, need: keyof Rights | 'list'): Promise<LiveBucket> {
    const rights = rightsTo(path, this.grants)
    // Of what is granted alone, so it tells nothing of what is there.
    if (!allows(rights, need)) throw noRight(need, path, this.#visible(parentOf(path)))
    const named = this.#seen(path)
    if (named?.kind !== 'bucket') throw notHere(path, this.#visible(parentOf(path)))
    const lent = this.#lent.get(named.uid) ?? this.#lend(named)
    this.#lent.set(named.uid, lent)
    return lent.bucket
  }

  glance(): Promise<string | undefined> {
    return firstWrong(this.premises.segment)
  }

  isSending(bucket: BucketUid): boolean {
    return this.premises.isSending(bucket, this.segment)
  }

  onRing(listener: () => void): () => void {
    const stop = this.premises.segment.onRing(listener)
    this.#stops.add(stop)
    return () => {
      this.#stops.delete(stop)
      stop()
    }
  }

  leave(): void {
    for (const stop of this.#stops) stop()
    for (const { session } of this.#lent.values()) session.end()
    this.#stops.clear()
    this.#lent.clear()
    this.#early.clear()
  }

  #lend(named: Named): Lent {
    const { bucket, session } = this.premises.lent(named, this.#early)
    return { bucket: watched(bucket, this.toldOf(named)), session }
  }

  #visible(path: string): NamedThere[] {
    const { grants } = this
    const { names } = this.premises.segment
    return names
      .children(path)
      .filter((child) => isVisible(child.path, grants))
      .map(there)
  }

  #seen(path: string): Named | undefined {
    return isVisible(path, this.grants) ? this.premises.segment.names.find(path) : undefined
  }
}

const allows = ({ read, write }: Rights, need: 'read' | 'write' | 'list'): boolean =>
  need === 'list' ? read || write : need === 'read' ? read : write

const there = ({ kind, path, uid }: Named): NamedThere => ({ kind, path, uid })

/** Another process may make the same at the same time. */
async function makeName(names: NameSpace, path: string, settings: Settings, parents: boolean): Promise<Named> {
  for (const above of parents ? lineOf(path).slice(0, -1) : []) await makeOne(names, above, {})
  return makeOne(names, path, settings)
}

async function makeOne(names: NameSpace, path: string, settings: Settings): Promise<Named> {
  const known = names.find(path)
  if (known !== undefined) return known
  try {
    return await names.create(path, settings)
  } catch (error) {
    const made = names.find(path)
    if (made === undefined) throw error
    return made
  }
}

function notHere(path: string, siblings: readonly NamedThere[]): EfsError {
  const paths = siblings.map((one) => one.path)
  const near = nearest(path, paths)
  const has = paths.length === 0 ? 'it shows none' : `it has ${paths.slice(0, 5).join(', ')}`
  return new EfsError('NOT_FOUND', `the peer has no ${kindOfName(path)} ${path}`, {
    hint: near === undefined ? has : `${has}. Did you mean ${near}?`,
  })
}

const shownOut = (): EfsError =>
  new EfsError('REFUSED', 'the peer does not let this segment in any more', {
    hint: 'at the peer, look at its service and at efs gateway peers',
  })

const VERBS = { read: 'read', write: 'write to', list: 'list', make: 'make' } as const

function noRight(need: keyof typeof VERBS, path: string, shown: readonly NamedThere[] = []): EfsError {
  const paths = shown.map((one) => one.path)
  const near = paths.includes(path) ? undefined : nearest(path, paths)
  const hint = 'at the peer, look at the direction and the served list of its service, or pair again'
  return new EfsError('REFUSED', `the peer gives no right to ${VERBS[need]} ${path}`, {
    hint: near === undefined ? hint : `did you mean ${near}? Else ${hint}`,
  })
}
