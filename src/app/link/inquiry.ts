import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { nearest } from '../../base/nearest.js'
import type { LinkClient } from '../../link/client/client.js'
import type { NamedThere } from '../../model/link.js'
import { kindOfName, lastPart, lineOf, parentOf } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import type { Served, Service } from '../../model/service.js'
import type { App } from '../app.js'
import { secretOf } from '../credentials/open.js'
import { connectService, gatewayOf } from './approach.js'
import { lostOf } from './pair-run.js'
import { rightsTo } from './rights.js'
import { rulesOf } from './rules.js'

/**
 * Asks the peer of a service, where it has one and that answers soon; gives in words why it was not asked.
 * @throws SAME_SEGMENT; what `ask` throws
 */
export async function askPeer(
  app: App,
  segment: Segment,
  service: Service,
  ask: (client: LinkClient) => Promise<string[]>,
): Promise<string[]> {
  const at = gatewayOf(service)
  if (at === undefined) return []
  if (segment.unadopted) return ['the peer was not asked: links pause until efs system adopt']
  let client: LinkClient
  try {
    const secret = await secretOf(app, { segment: segment.guid, service: service.name })
    const signal = AbortSignal.timeout(LIMITS.askMsMax)
    client = await connectService(segment, service.name, at, secret, { app, connections: 1, signal })
  } catch (error) {
    if (error instanceof EfsError && error.code === 'SAME_SEGMENT') throw error
    const isRefused = error instanceof EfsError && error.code === 'REFUSED'
    return [`${isRefused ? 'not let in' : 'the peer was not asked'}: ${notAskedFor(error, LIMITS.askMsMax)}`]
  }
  try {
    return await ask(client)
  } finally {
    await client.close()
  }
}

/** Why nothing came back from who was asked for so long. */
export const notAskedFor = (error: unknown, ms: number): string =>
  error instanceof EfsError
    ? error.message
    : error instanceof Error && error.name === 'TimeoutError'
      ? `it did not answer within ${ms / 1000} s`
      : String(error)

/**
 * Whether a served path can work with this peer, whether that takes what is sent, and in words what does not go there though it is meant to. With
 * `create` a cluster or tenant that it lacks is made there.
 * @throws NOT_FOUND for a cluster or tenant that the peer lacks, telling what it has; REFUSED where neither side may give anything
 */
export async function checkServed(
  client: LinkClient,
  service: Service,
  { path, as = path, pause }: Served,
  create: boolean,
): Promise<{ readonly takes: boolean; readonly notes: string[] }> {
  const rules = rulesOf(service)
  const { sends, receives } = rules
  const { read, write } = rightsTo(as, client.peer.grants)
  if (!pause && !(sends && write) && !(receives && read)) throw noRight(as, sends, receives, { read, write })
  const lost = lostOf({ there: as, pause }, rules, { sends: sends && !pause && write, receives: receives && read })
  const answer = { takes: write, notes: lost === undefined ? [] : [lost.message] }
  const { OPS } = await import('../../link/protocol/ops.js')
  const above = kindOfName(as) === 'bucket' ? parentOf(as) : as
  for (const name of lineOf(above)) {
    const { message } = await client.call(OPS.names, { path: parentOf(name) })
    if (message.names.some((one) => one.path === name)) continue
    if (!create) throw lacks(name, as, message.names)
    await client.call(OPS.make, { path: above, settings: {}, parents: true })
    break
  }
  return answer
}

function noRight(
  path: string,
  sends: boolean,
  receives: boolean,
  { read, write }: { readonly read: boolean; readonly write: boolean },
): EfsError {
  const what =
    sends && !receives && read
      ? `the peer only sends: it takes nothing for ${path}`
      : receives && !sends && write
        ? `the peer only receives: it gives nothing of ${path}`
        : `the peer gives no right to ${path}`
  return new EfsError('REFUSED', what, {
    hint: 'at the peer, look at the direction and the served list of its service, or pair again',
  })
}

function lacks(name: string, as: string, siblings: readonly NamedThere[]): EfsError {
  const paths = siblings.map(({ path }) => path)
  const near = nearest(name, paths)
  const has = paths.length === 0 ? 'it has none' : `it has ${paths.slice(0, 5).join(', ')}`
  const rest = as.slice(name.length)
  const meant = near === undefined ? '' : `. Did you mean --as ${near}${rest}?`
  return new EfsError('NOT_FOUND', `the peer has no ${kindOfName(name)} ${name}`, {
    hint: `${has}${meant}  (--create makes ${lastPart(name)})`,
  })
}
