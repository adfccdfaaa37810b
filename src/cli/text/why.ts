import type { ServiceWhy } from '../../app/why/service-why.js'
import type { VersionHere, Why } from '../../app/why/why.js'
import { countText } from '../../base/counts.js'
import { shortGuid } from '../../model/ids.js'
import { ago, duration } from './ages.js'
import { bytesText } from './amounts.js'
import { isoOf } from './iso.js'

/** The versions that are here, then a paragraph for each service. */
export function whyText({ path, versions, services, peerless }: Why, nowMs: number): string {
  const first =
    versions.length === 0 ? [`no version of ${path} is here`] : versions.flatMap((one) => versionText(one, path, nowMs))
  const rest = [
    ...services.flatMap((one) => serviceLines(one, versions, nowMs)),
    ...peerless.map((name) => `${name}: has no peer to call; whoever calls it can tell: efs why, there`),
  ]
  const lines = rest.length === 0 ? [...first, 'no service serves its bucket: efs bucket attach'] : [...first, ...rest]
  return lines.map((line) => `${line}\n`).join('')
}

/** Of those that matter: the head, and other tips. */
function versionText(one: VersionHere, path: string, nowMs: number): string[] {
  const { head, tip, deleted, number, atMs } = one
  const told = `version ${number} (${ago(atMs, nowMs)}, ${one.here ? 'here' : shortGuid(one.segment)})`
  if (head) return [`${told} is the head${deleted ? ', a delete' : ''}`]
  return tip ? [`${told} is in conflict with it: efs conflict show ${path}`] : []
}

function serviceLines(why: ServiceWhy, versions: readonly VersionHere[], nowMs: number): string[] {
  const { service, place, hold } = why
  const line = `${service}: ${place} ${standText(why, versions)}`
  if (hold === null) return [line]
  const due = hold.nextTryMs === null ? '' : hold.nextTryMs > nowMs ? ` in ${duration(hold.nextTryMs - nowMs)}` : ' now'
  const tries = hold.tries === null ? '' : ` (${ordinal(hold.tries + 1)} try${due})`
  const next = hold.tries === null ? `${hold.next}${due}` : hold.next
  return [line, `  waiting: ${hold.why}${tries}${queueText(hold.place, hold.cause === 'queue')}`, `  next: ${next}`]
}

function standText(why: ServiceWhy, versions: readonly VersionHere[]): string {
  const { asked, has, coming, direction } = why
  const came =
    coming.length === 0
      ? []
      : [`has ${coming.length === 1 ? 'a version that is' : `${coming.length} versions that are`} not here`]
  if (direction === 'receive' && came.length > 0) return came.join()
  if (!asked) return `cannot be asked; ${heardText(why, versions)}`
  if (has === null) return direction === 'send' ? 'has not got it yet' : 'is taken from'
  const known = new Set(has)
  const latest = versions.find(({ version }) => known.has(version))
  const own =
    latest === undefined ? (versions.length === 0 ? 'has none' : 'has none of these') : `has version ${latest.number}`
  return [own, ...came].join(', and ')
}

/** What it said last tells only of what went there. */
function heardText({ has, peer, direction }: ServiceWhy, versions: readonly VersionHere[]): string {
  if (peer === null) return 'it was never reached'
  if (direction === 'receive' || versions.length === 0) return 'what it has is not known'
  return `it ${has === null ? 'lacked' : 'had'} it when it was last heard of`
}

function queueText(
  place: { at: number; of: number; bytesBefore: number; capped: boolean } | null,
  isCause: boolean,
): string {
  if (place === null) return ''
  const { at, of, bytesBefore, capped } = place
  const before = bytesBefore === 0 ? '' : `, ${bytesText(bytesBefore)} before it`
  const where = `${ordinal(at)} of ${countText(of)}${capped ? ' and more' : ''}${before}`
  return isCause ? `, ${where}` : `; then it is ${where}`
}

/** `1st`, `22nd`, `113th`. */
export function ordinal(n: number): string {
  const teens = n % 100 > 10 && n % 100 < 14
  const ending = teens ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[n % 10] ?? 'th')
  return `${countText(n)}${ending}`
}

/** What `why --json` prints. */
export const whyJson = ({ path, versions, services }: Why) => ({
  path,
  versions: versions.map(({ atMs, ...one }) => ({ ...one, written: isoOf(atMs) })),
  services: services.map(({ hold, ...one }) => ({
    ...one,
    hold: hold && { ...hold, nextTryMs: undefined, nextTry: isoOf(hold.nextTryMs) },
  })),
})
