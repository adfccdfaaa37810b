import { setTimeout as delay } from 'node:timers/promises'
import type { Hand } from './hand.js'
import { Site } from './sites.js'

/** Longer than a gateway waits to try a peer again. */
const STUCK_MS = 75_000

export const BUCKET = 'Hawaii/Cola/bk1'

/** Makes a segment with one bucket, and a service that lets peers in; its gateway does not run yet. */
export async function host(env: NodeJS.ProcessEnv = {}, bucket = BUCKET): Promise<Site> {
  const site = await Site.open(env)
  // So many that what retention takes is not taken for lost.
  site.ok('bucket', 'create', bucket, '--parents', '-n', '1000')
  site.ok('service', 'create', 'isgw', 'door', '--local', site.address, '--direction', 'both')
  site.secret('door')
  site.ok('service', 'enable', 'door', '--no-start')
  return site
}

/** Adds a service to `from` that keeps those buckets the same at a gateway. */
export function linkTo(from: Site, at: string, { name = 'link', direction = 'both', buckets = [BUCKET] } = {}): void {
  from.ok('service', 'create', 'isgw', name, '--remote', `ccow://${at}`, '--direction', direction)
  from.secret(name)
  for (const bucket of buckets) from.ok('bucket', 'attach', bucket, name)
  from.ok('service', 'enable', name, '--no-start')
}

/** Settles when all have the same for a while. @throws where nothing moves any more before that */
export async function agreed(hands: readonly Hand[]): Promise<void> {
  const state = (): string => hands.map(({ digest, position }) => `${digest} ${position}`).join()
  let movedMs = performance.now()
  for (let before = ''; performance.now() - movedMs < STUCK_MS; ) {
    const now = state()
    if (now !== before) movedMs = performance.now()
    else if (new Set(hands.map(({ digest }) => digest)).size === 1) return
    before = now
    await delay(500)
  }
  throw new Error(`they do not agree: ${hands.map(({ counters }) => JSON.stringify(counters)).join(' ')}`)
}
