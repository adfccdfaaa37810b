import { expect, test } from 'vitest'
import { withSegment } from '../../src/app/app.js'
import { findBucket } from '../../src/app/buckets.js'
import { mirrorName } from '../../src/app/mirror/notes.js'
import { MirrorWait } from '../../src/app/mirror/waiting.js'
import { LIMITS } from '../../src/base/limits.js'
import { objectKey } from '../../src/model/key.js'
import { A, Site } from './site.js'

test('however much a mirror could not bring is told by whoever waits for it', async () => {
  const site = await Site.begin()
  site.write(['d/f', 'f'])
  const remote = { kind: 'directory', path: site.at('d') } as const
  const what = { service: 'm', path: A, place: { remote, text: remote.path }, ways: { sends: true, receives: false } }
  const parked = Array.from({ length: LIMITS.parcelObjectsMax + 3 }, (_, i) => ({
    key: objectKey(`k${i}`),
    why: 'full',
  }))
  await withSegment(site.app, async (segment) => {
    const { uid } = findBucket(segment.names, A)
    const to = { position: segment.versions.position(uid) }
    const move = { name: mirrorName(remote.path), from: undefined, to, parked }
    await segment.versions.publish(uid, [], { overwrite: false, move })
    const wait = await MirrorWait.open(site.app, segment, what)
    try {
      const [sends] = await wait.look(new AbortController().signal)
      expect(sends).toMatchObject({ way: 'send', isThere: true })
      expect(sends?.heldUp.length).toBe(parked.length)
    } finally {
      await wait.close()
    }
  })
})
