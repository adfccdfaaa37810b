import { expect, test } from 'vitest'
import { checkToken } from '../../src/app/peers/access.js'
import { notePeer } from '../../src/app/peers/known.js'
import { createPairing, spendPairing } from '../../src/app/peers/pairing.js'
import { segmentGuid } from '../../src/model/ids.js'
import { withSegment } from '../../src/store/segment.js'
import { HandClock } from '../contracts/samples.js'
import { World } from '../e2e/world.js'
import { GRANTS, GUEST, MARK, OTHER, START_MS } from '../peers/hosts.js'
import { makeHome } from '../store/homes.js'

const clock = new HandClock(START_MS)

/** A world with a peer that has paired and was seen, and one that was only seen. */
async function paired(): Promise<{ readonly world: World; readonly token: string }> {
  const world = new World()
  await makeHome(world.at('home'))
  const token = await withSegment(world.at('home'), { clock }, async (segment) => {
    const offer = { grants: { ...GRANTS, '*': { read: true, write: true } }, service: 'in', fingerprint: MARK, clock }
    const { oneTime } = await createPairing(segment, offer)
    const got = await spendPairing(segment, { oneTime, guest: GUEST, fingerprint: MARK, clock })
    await notePeer(segment, { segment: GUEST, label: 'hawaii', clock })
    await notePeer(segment, { segment: OTHER, clock })
    return got.token
  })
  return { world, token }
}

test('peers are listed with their rights, in words and as JSON, and never a secret', async () => {
  const { world, token } = await paired()
  const { stdout, stderr } = world.efs('gateway', 'peers')
  expect({ stdout, stderr }).toEqual({
    stdout:
      '21D0-55AE 2023-11-14T22:13:20.000Z Hawaii/Cola/bk1=write,*=read+write hawaii\n' +
      '33AA-55AE 2023-11-14T22:13:20.000Z -                                  -\n',
    stderr: '',
  })
  const json = world.efs('gateway', 'peers', '--json').stdout
  expect(json).not.toContain(token)
  const [first] = Object(JSON.parse(json)).peers
  expect(first).toEqual({
    segment: GUEST,
    label: 'hawaii',
    firstSeen: '2023-11-14T22:13:20.000Z',
    lastSeen: '2023-11-14T22:13:20.000Z',
    pins: {},
    credentials: [
      { service: 'in', grants: { ...GRANTS, '*': { read: true, write: true } }, created: '2023-11-14T22:13:20.000Z' },
    ],
  })
})

test('unpair takes the credential away and forgets the peer', async () => {
  const { world, token } = await paired()
  expect(world.efs('gateway', 'unpair', '21D0-55AE')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'forgot 21D0-55AE (hawaii): 1 credential taken away\n',
  })
  await withSegment(world.at('home'), { clock }, async (segment) => {
    expect(checkToken(segment, token, GUEST)).toBeUndefined()
    await notePeer(segment, { segment: segmentGuid(OTHER.replace(/2$/, '3')), clock })
  })
  const several = world.efs('gateway', 'unpair', '33aa')
  expect(several.status).toBe(2)
  expect(several.stderr).toMatch(/^efs: 33aa fits several peers\n {5}write more of it: 33aa55ae2+, 33aa55ae2+3\n$/)
  expect(world.efs('gateway', 'unpair', OTHER).stderr).toBe('forgot 33AA-55AE: 0 credentials taken away\n')
  expect(world.efs('gateway', 'unpair', '33AA-55AF').stderr).toBe(
    'efs: no peer 33AA-55AF\n     did you mean 33AA-55AE?\n',
  )
})
