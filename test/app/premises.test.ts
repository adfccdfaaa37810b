import { expect, test } from 'vitest'
import { Premises } from '../../src/app/link/premises.js'
import { EarlyNodes } from '../../src/endpoints/early-nodes.js'
import type { Named } from '../../src/model/name-space.js'
import type { Segment } from '../../src/model/segment.js'
import { done, fileOf, leaf } from '../contracts/samples.js'
import { host } from '../peers/hosts.js'

const OVERWRITE = { overwrite: true }
const secret = leaf('a secret of others'.repeat(20))

async function bucketOf({ names }: Segment, path: string): Promise<Named> {
  const [cluster = '', tenant = ''] = path.split('/')
  for (const name of [cluster, `${cluster}/${tenant}`]) if (names.find(name) === undefined) await names.create(name, {})
  return names.create(path, {})
}

test('what a link of our own brings is asked for though another tenant has it, so that its peer does not learn that; and is sent to none', async () => {
  const segment = await host()
  const [theirs, own] = [await bucketOf(segment, 'a/theirs/b'), await bucketOf(segment, 'a/own/b')]
  const premises = new Premises(segment)
  const { sink } = premises.bucket(theirs)
  await sink.put([secret], [])
  await sink.publish([done('k', fileOf(secret))], OVERWRITE)
  const puller = premises.bucket(own)
  const version = [done('k', fileOf(secret))]
  expect(await puller.sink.missing([secret.ref])).toEqual([secret.ref])
  expect(await puller.sink.publish(version, OVERWRITE)).toEqual([{ status: 'needs', refs: [secret.ref] }])
  const { bucket: lent, session } = premises.lent(own, new EarlyNodes())
  await expect(lent.source.fetch([secret.ref])).rejects.toMatchObject({ code: 'REFUSED' })
  await puller.sink.put([secret], [])
  expect(await lent.sink.missing([secret.ref])).toEqual([])
  expect((await puller.sink.publish(version, OVERWRITE)).map(({ status }) => status)).toEqual(['published'])
  session.end()
  const restarted = new Premises(segment).bucket(own)
  expect(await restarted.sink.missing([secret.ref])).toEqual([])
})
