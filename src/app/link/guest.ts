import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { Grants, Guest, NamedThere, Rights } from '../../model/link.js'
import type { LiveBucket } from '../../model/live.js'
import type { Named, NameSpace } from '../../model/name-space.js'
import { kindOfName, lineOf, parentOf, parseName } from '../../model/names.js'
import type { Settings } from '../../model/settings.js'
import { findBucket } from '../buckets.js'
import type { Premises } from './premises.js'
import { isVisible, rightsTo } from './rights.js'

/**
 * A peer, held to what it is granted at any time: nothing, once it is not let in any more. What it may not know is answered as what
 * is not there.
 */
export function createGuest(segment: SegmentGuid, granted: () => Grants | undefined, premises: Premises): Guest {
  const now = (): Grants => {
    const grants = granted()
    if (grants === undefined) throw shownOut()
    return grants
  }
  const { names, onRing } = premises.segment
  const stops = new Set<() => void>()
  const lent = new Map<BucketUid, ReturnType<Premises['lent']>>()

  function visible(path: string): NamedThere[] {
    const grants = now()
    return names
      .children(path)
      .filter((child) => isVisible(child.path, grants))
      .map(there)
  }

  function bucketOf(named: Named): LiveBucket {
    const known = lent.get(named.uid) ?? premises.lent(named)
    lent.set(named.uid, known)
    return known.bucket
  }

  function seen(path: string): Named | undefined {
    return isVisible(path, now()) ? names.find(path) : undefined
  }

  return {
    segment,
    grants: now(),
    names: async (path) => {
      if (path !== '' && seen(path) === undefined) throw notHere(path, visible(parentOf(path)))
      return visible(path)
    },
    async make(path, settings, parents) {
      parseName(kindOfName(path), path)
      const known = seen(path)
      if (known !== undefined) return there(known)
      if (!rightsTo(path, now()).write) throw noRight('make', path)
      const missing = parents ? undefined : lineOf(parentOf(path)).find((above) => names.find(above) === undefined)
      if (missing !== undefined) throw notHere(missing, visible(parentOf(missing)))
      return there(await makeName(names, path, settings, parents))
    },
    async open(path, need) {
      const rights = rightsTo(path, now())
      const named = seen(path)
      if (named?.kind !== 'bucket') throw notHere(path, visible(parentOf(path)))
      if (!allows(rights, need)) throw noRight(need, path)
      return bucketOf(findBucket(names, path))
    },
    isSending: (bucket) => premises.isSending(bucket, segment),
    onRing(listener) {
      const stop = onRing(listener)
      stops.add(stop)
      return () => {
        stops.delete(stop)
        stop()
      }
    },
    leave() {
      for (const stop of stops) stop()
      for (const { session } of lent.values()) session.end()
      stops.clear()
      lent.clear()
    },
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

const noRight = (need: keyof typeof VERBS, path: string): EfsError =>
  new EfsError('REFUSED', `the peer gives no right to ${VERBS[need]} ${path}`, {
    hint: 'at the peer, look at the direction and the served list of its service, or pair again',
  })
