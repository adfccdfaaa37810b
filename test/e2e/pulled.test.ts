import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { Site } from './sites.js'
import { noise } from './world.js'

const BYTES = 1024 * 1024

test('a gateway that is synced from is asked for what another tenant has here as if nobody had it, and for what the same has not', async () => {
  const [here, there] = [await Site.open(), await host()]
  for (const bucket of ['bk1', 'bk2', 'bk3']) here.ok('bucket', 'create', `Hawaii/Cola/${bucket}`)
  here.ok('bucket', 'create', 'Hawaii/Pepsi/bk1', '--parents')
  linkTo(here, there.address, { direction: 'receive' })
  here.write('f', noise(1, BYTES))
  here.ok('object', 'put', 'Hawaii/Pepsi/bk1/f', 'f')
  there.write('f', noise(1, BYTES))
  there.ok('object', 'put', `${BUCKET}/f`, 'f')
  await there.startGateway()
  const pulled = (to: string) => here.summary('sync', `ccow://${there.address}/${BUCKET}`, to)
  expect(pulled(BUCKET)).toMatchObject({ published: 1, bytesRead: BYTES })
  expect(pulled('Hawaii/Cola/bk2')).toMatchObject({ published: 1, bytesRead: 0 })
  expect(pulled('Hawaii/Cola/bk3/below/')).toMatchObject({ published: 1, bytesRead: 0 })
  expect(pulled('Hawaii/Pepsi/bk1/below/')).toMatchObject({ published: 1, bytesRead: 0 })
  here.ok('verify', BUCKET, `ccow://${there.address}/${BUCKET}`)
  here.ok('object', 'get', 'Hawaii/Cola/bk3/below/f', 'out')
  expect(here.run('cmp', 'f', 'out').status).toBe(0)
  await there.endGateway()
})
