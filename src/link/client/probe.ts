import { once } from 'node:events'
import net from 'node:net'
import tls from 'node:tls'
import { LIMITS } from '../../base/limits.js'
import type { HostPort } from '../../model/remote.js'
import { certificateFingerprint } from '../fingerprint.js'
import { unreachable } from './faults.js'

/** How long it takes until something answers there, in milliseconds; nothing is said to it. @throws UNREACHABLE, saying why */
export async function probePort(at: HostPort, signal?: AbortSignal): Promise<number> {
  const began = performance.now()
  await connected(net.connect({ ...at, ...(signal && { signal }) }), 'connect', at)
  return performance.now() - began
}

/** The fingerprint of the certificate that answers there. @throws UNREACHABLE, also where it does not answer encrypted */
export async function probeCertificate(at: HostPort, signal: AbortSignal): Promise<string> {
  const raw = net.connect({ ...at, signal })
  const name = net.isIP(at.host) ? {} : { servername: at.host }
  const socket = tls.connect({ socket: raw, rejectUnauthorized: false, ...name })
  raw.on('error', (error) => socket.destroy(error))
  let fingerprint = ''
  await connected(socket, 'secureConnect', at, () => {
    fingerprint = certificateFingerprint(socket.getPeerCertificate().raw)
  })
  return fingerprint
}

async function connected(socket: net.Socket, event: string, at: HostPort, look?: () => void): Promise<void> {
  const late = Object.assign(new Error('no answer'), { code: 'ETIMEDOUT' })
  const timer = setTimeout(() => socket.destroy(late), LIMITS.linkConnectMsMax)
  try {
    await once(socket, event)
    look?.()
  } catch (error) {
    throw unreachable({ ...at, secure: event !== 'connect', fingerprint: undefined }, error)
  } finally {
    clearTimeout(timer)
    // What it still has to say is of no interest.
    socket.on('error', () => undefined)
    socket.destroy()
  }
}
