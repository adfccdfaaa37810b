import { expect, onTestFinished, test } from 'vitest'
import { gatewayPeer } from '../../src/app/link/gateway-peer.js'
import { systemClock } from '../../src/base/clock.js'
import { OPS } from '../../src/link/protocol/ops.js'
import { connect, serve } from './links.js'

/** Something that a peer does not answer until the test is over, and that it was asked for. */
function unanswered() {
  let [ask, answer] = [(): void => undefined, (): void => undefined]
  const asked = new Promise<void>((resolve) => {
    ask = resolve
  })
  const answered = new Promise<void>((resolve) => {
    answer = resolve
  })
  onTestFinished(answer)
  const before = (): Promise<void> => {
    ask()
    return answered
  }
  return { asked, before }
}

test('who is stopped while a session is begun again does not wait for it', async () => {
  const first = await serve()
  const client = await connect(first.port)
  await first.close()
  const { asked, before } = unanswered()
  const { host } = await serve({ port: first.port })
  const admit = host.admit.bind(host)
  host.admit = (knock) => before().then(() => admit(knock))
  const stop = new AbortController()
  const called = client.call(OPS.names, { path: '' }, { signal: stop.signal })
  await asked
  stop.abort(new Error('enough'))
  await expect(called).rejects.toThrow('enough')
})

test('who is stopped while a peer looks for the buckets of a tenant does not wait for it', async () => {
  const { host, port } = await serve()
  const { asked, before } = unanswered()
  const admit = host.admit.bind(host)
  host.admit = async (knock) => {
    const guest = await admit(knock)
    return { ...guest, names: (path) => before().then(() => guest.names(path)) }
  }
  const peer = gatewayPeer(await connect(port), systemClock)
  const stop = new AbortController()
  const found = peer.bucketsOf('Hawaii/Cola', stop.signal)
  await asked
  stop.abort(new Error('enough'))
  await expect(found).rejects.toThrow('enough')
})
