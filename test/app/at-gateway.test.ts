import { createServer } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { listAtGateway } from '../../src/app/objects/at-gateway.js'
import { verify } from '../../src/app/sync/verify.js'
import { parseAddress } from '../../src/model/address.js'
import { A, Site } from './site.js'

/** An address at a peer that takes connections and says nothing. */
function silent(): Promise<string> {
  const server = createServer((socket) => socket.resume())
  onTestFinished(() => void server.close())
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const at = server.address()
      resolve(`ccow://127.0.0.1:${typeof at === 'object' ? at?.port : ''}/Hawaii/Cola/bk1`)
    })
  })
}

const STOPPED = new Error('stopped by hand')

test('what waits for the first word of a gateway can be stopped', async () => {
  const [{ app }, there] = [await Site.begin(), await silent()]
  const signal = AbortSignal.abort(STOPPED)
  const later = new AbortController()
  setTimeout(() => later.abort(STOPPED), 200)
  const address = parseAddress(there)
  if (address.kind !== 'remote') throw new Error('the address of a gateway')
  for (const stop of [signal, later.signal]) {
    const started = performance.now()
    const done = verify(app, { a: A, b: there, metadata: false, strict: false }, stop, async () => undefined)
    await expect(done).rejects.toBe(STOPPED)
    const listed = listAtGateway(
      app,
      address,
      { path: there, deleted: false },
      stop,
      async () => true,
      () => undefined,
    )
    await expect(listed).rejects.toBe(STOPPED)
    expect(performance.now() - started).toBeLessThan(10_000)
  }
})
