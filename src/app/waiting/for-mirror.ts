import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { type ObjectKey, objectKey } from '../../model/key.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { MirrorPlace } from '../../service/remote-of.js'
import type { App } from '../app.js'
import { pause } from '../gateway/streak.js'
import { rulesOf } from '../link/rules.js'
import { type Ways, waysOf } from '../mirror/ends.js'
import { type Held, holds } from '../mirror/held.js'
import { MirrorWait, type Standing } from '../mirror/waiting.js'
import type { Bell } from './bell.js'
import { type HeldUp, nothingServed, type WaitRequest } from './goals.js'
import type { Arrived, Waited, Waiting } from './waiting.js'

/**
 * What has no versions keeps no checkpoint: this segment keeps it for it.
 * @throws NOT_FOUND where that bucket is not served, or neither side has that object; TIMED_OUT
 */
export async function waitForMirror(
  app: App,
  segment: Segment,
  service: Service,
  place: MirrorPlace,
  request: WaitRequest,
  waiting: Waiting,
): Promise<Waited> {
  const meant = service.served.filter(({ path }) => request.bucket === undefined || path === request.bucket)
  if (meant.length === 0) throw nothingServed(service.name, request.bucket)
  const all: Arrived[] = []
  for (const served of meant) {
    const ways = waysOf(rulesOf(service), served)
    if (!ways.sends && !ways.receives) continue
    const what = { service: service.name, path: served.path, place, ways }
    const wait = await MirrorWait.open(app, segment, what)
    try {
      const heldUp = await reach(wait, what, request, waiting)
      if (heldUp.length > 0) return { arrived: all, heldUp }
      for (const one of arrivedOf(wait, what)) {
        all.push(one)
        waiting.arrived(one)
      }
    } finally {
      await wait.close()
    }
  }
  return { arrived: all, heldUp: [] }
}

interface What {
  readonly service: string
  readonly path: string
  readonly place: MirrorPlace
  readonly ways: Ways
}

/** Settles once both sides have all, but for what is held up: of an object that is asked for, that alone. */
async function reach(
  wait: MirrorWait,
  { service, path }: What,
  { object }: WaitRequest,
  { signal, isOver, bell, initialEnd, timedOut }: Waiting,
): Promise<HeldUp[]> {
  const key = object === undefined ? undefined : objectKey(object)
  const lookAgain = pausesOf(wait, bell)
  for (;;) {
    const ways = await wait.look(signal).catch(async (error: unknown) => {
      throw isOver() ? await timedOut() : error
    })
    if (ways.every(({ isThere }) => isThere)) {
      const heldUp = await heldUpOf(wait, ways, key)
      // One that neither way can bring is told once.
      const meant = [...new Map(heldUp.map((one) => [one.key, one])).values()]
      if (key !== undefined && meant.length === 0 && !wait.has(key)) {
        throw new EfsError('NOT_FOUND', `no object ${key} in ${path}`)
      }
      return meant.map(({ key: held, why, tries, nextMs }) => ({
        service,
        path: `${path}/${held}`,
        why,
        tries,
        nextMs,
      }))
    }
    if (signal.aborted) throw isOver() ? await timedOut() : signal.reason
    await initialEnd.look(path)
    await lookAgain(signal)
  }
}

async function heldUpOf(wait: MirrorWait, ways: readonly Standing[], key: ObjectKey | undefined): Promise<Held[]> {
  const all: Held[] = []
  for (const { way, heldUp } of ways) {
    if (key === undefined) all.push(...heldUp)
    else if (way === 'send') all.push(...(await wait.holding(heldUp, key)))
    else all.push(...heldUp.filter((one) => holds(one, key)))
  }
  return all
}

function arrivedOf({ objects }: MirrorWait, { service, path, place, ways }: What): Arrived[] {
  const common = { service, bucket: path, objects }
  const here = ways.receives ? [{ ...common, direction: 'receive' as const, at: path }] : []
  const there = ways.sends ? [{ ...common, direction: 'send' as const, at: place.text }] : []
  return [...here, ...there]
}

/** A listing of S3 costs requests, so that what rings makes none. */
function pausesOf({ lists }: MirrorWait, bell: Bell): (signal: AbortSignal) => Promise<void> {
  if (!lists) return (signal) => bell.next(signal, LIMITS.waitLookMs)
  let ms: number = LIMITS.waitLookMs
  return async (signal) => {
    await pause(ms, signal)
    ms = Math.min(2 * ms, LIMITS.waitListMsMost)
  }
}
