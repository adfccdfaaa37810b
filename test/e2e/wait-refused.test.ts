import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('who is refused, and then let wait longer than it waits, is told of the refusal and not of a peer that is away', async () => {
  const [here, there] = [await Site.open(), await host()]
  here.ok('bucket', 'create', BUCKET)
  linkTo(here, there.address, { direction: 'send' })
  here.secret('link', 'wrong:wrong')
  await there.startGateway()
  await here.startGateway()
  await eventually(() => here.ok('service', 'show', 'link', '-s').stdout.includes('credentials refused'))
  for (let time = 0; time < 6; time++)
    expect(here.efs('wait', 'link', '--timeout', '1s')).toMatchObject({
      status: 8,
      stderr: expect.stringContaining('credentials refused: no service of the peer has that secret'),
    })
  await there.endGateway()
  await eventually(() => here.efs('wait', 'link', '--timeout', '1s').status === 7)
  await here.endGateway()
})
