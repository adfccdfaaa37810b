import { expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { objectKey } from '../../src/model/key.js'
import { Flow } from '../../src/transfer/live/flow.js'
import { unpaced } from '../../src/transfer/pace.js'
import { done, inlineFile } from '../contracts/samples.js'
import { connect, PATH, serve } from '../link/links.js'
import { NEVER, Site } from './site.js'

/** A flow from a peer that has `a` and `b`; `before` is called before it is asked for versions, `after` after that. */
async function fromPeer(before: () => unknown, after = (): unknown => undefined) {
  const { host, at, port } = await serve()
  await at.bucket(PATH).sink.publish([done('a', inlineFile('1')), done('b', inlineFile('2'))], { overwrite: true })
  const remote = await openRemote(await connect(port), PATH, { need: 'read' })
  const versions: typeof remote.source.versions = async (refs, options) => {
    await before()
    return remote.source.versions(refs, options).finally(after)
  }
  const to = await Site.memory()
  const from = { ...remote, source: { ...remote.source, versions } }
  const { clock } = to
  return {
    host,
    at,
    to,
    flow: new Flow({ from, to: to.live(), mode: 'both', parcelsInFlight: 3, pace: unpaced, clock }),
  }
}

test('what a peer does not show for a while is not taken for gone', async () => {
  let isShown = false
  const { host, to, flow } = await fromPeer(() => {
    const hidden = new EfsError('NOT_FOUND', `the peer has no bucket ${PATH}`)
    host.opening = () => (isShown ? Promise.resolve() : Promise.reject(hidden))
  })
  await expect(flow.start(NEVER)).rejects.toThrow(`the peer has no bucket ${PATH}`)
  isShown = true
  await flow.start(NEVER)
  expect(await to.heads()).toEqual(['a', 'b'])
})

test('a version that a peer has no more is passed over, and waits for nothing', async () => {
  const { at, to, flow } = await fromPeer(() => at.segment.versions.expunge(at.bucket(PATH).uid, [objectKey('a')]))
  await flow.start(NEVER)
  await flow.catchUp(NEVER)
  expect(await to.heads()).toEqual(['b'])
  expect(flow.state).toMatchObject({ parked: 0 })
})

test('what a peer does not show while it is asked for versions, and shows right after, waits and comes', async () => {
  let isShown = false
  const hidden = new EfsError('NOT_FOUND', `the peer has no bucket ${PATH}`)
  const show = (): void => void Object.assign(host, { opening: () => Promise.resolve() })
  const hide = (): void => void Object.assign(host, { opening: () => Promise.reject(hidden) })
  const { host, to, flow } = await fromPeer(() => (isShown ? show() : hide()), show)
  await flow.start(NEVER)
  expect(flow.state).toMatchObject({ parked: 2 })
  isShown = true
  to.clock.ms += LIMITS.retryDelayMsMin
  await flow.retry(NEVER)
  expect(await to.heads()).toEqual(['a', 'b'])
  expect(flow.state).toMatchObject({ parked: 0 })
})
