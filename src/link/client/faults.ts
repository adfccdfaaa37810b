import { EfsError } from '../../base/errors.js'
import { hostPortText } from '../../model/remote.js'
import type { Place } from './sockets.js'

/** What may be wrong, for the errors that people meet. The first of the chain of causes that is known counts. */
const KNOWN: Readonly<Record<string, { readonly why: string; readonly hint: string }>> = {
  ECONNREFUSED: { why: 'nothing listens there', hint: 'is the gateway running, and is that its port?' },
  ENOTFOUND: { why: 'no such name', hint: 'check how the host is written' },
  EAI_AGAIN: { why: 'the name cannot be looked up now', hint: 'check the network' },
  ETIMEDOUT: { why: 'no answer in time', hint: 'is it the right address, and does a firewall let it through?' },
  EHOSTUNREACH: { why: 'no way to that host', hint: 'check the network' },
  ENETUNREACH: { why: 'no way to that network', hint: 'check the network' },
  ECONNRESET: { why: 'the connection was cut', hint: 'is the gateway running, and encrypted as the address says?' },
  EPIPE: { why: 'the connection was cut', hint: 'is the gateway running, and encrypted as the address says?' },
}

/** A failure of the network, in words. */
export function unreachable(place: Place, error: unknown): EfsError {
  const at = hostPortText(place)
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof EfsError) return cause
    const code = 'code' in cause ? `${cause.code}` : ''
    const known = KNOWN[code]
    if (known)
      return new EfsError('UNREACHABLE', `${at} cannot be reached: ${known.why}`, { hint: known.hint, cause: error })
    if (code.startsWith('HPE_') || code === 'ERR_BODY_PARSE_FAILURE') return notAGateway(place, error)
    if (code.startsWith('ERR_SSL')) {
      const why = 'it does not answer encrypted'
      return new EfsError('UNREACHABLE', `${at} cannot be reached: ${why}`, {
        hint: 'write ccow:// if it is not',
        cause: error,
      })
    }
  }
  const why = error instanceof Error ? error.message : String(error)
  return new EfsError('UNREACHABLE', `${at} cannot be reached: ${why}`, {
    hint: 'look at the network, run it again',
    cause: error,
  })
}

export const notAGateway = (place: Place, cause?: unknown): EfsError =>
  new EfsError('UNREACHABLE', `${hostPortText(place)} answers, but is no efs gateway`, {
    hint: 'check the port; a gateway has 14000 unless told otherwise',
    cause,
  })
