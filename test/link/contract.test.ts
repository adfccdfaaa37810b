import { openRemote } from '../../src/endpoints/remote/bucket.js'
import { liveRolesContract } from '../contracts/live-roles.js'
import { LiveSegment } from '../fakes/live-segment.js'
import { connect, PATH, serve, testCertificate, US } from './links.js'

liveRolesContract('a segment in memory', async () => {
  const at = new LiveSegment()
  at.make(PATH)
  return { bucket: at.bucket(PATH), us: US }
})

liveRolesContract('a peer over a plain link', async () => {
  const { port } = await serve()
  return { bucket: await openRemote(await connect(port), PATH, { need: 'write', cells: true }), us: US }
})

liveRolesContract('a peer over an encrypted link', async () => {
  const { fingerprint } = await testCertificate()
  const { port } = await serve({ secure: true })
  const client = await connect(port, { secure: true, fingerprint })
  return { bucket: await openRemote(client, PATH, { need: 'write', cells: true }), us: US }
})
