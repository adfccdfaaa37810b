import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

test('a gateway that lets somebody not in says so, once however often it is', async () => {
  const [here, there] = [await Site.open(), await host()]
  here.ok('bucket', 'create', BUCKET)
  linkTo(here, there.address, { direction: 'send' })
  here.secret('link', 'wrong:wrong')
  await there.startGateway()
  for (let time = 0; time < 3; time++) expect(here.efs('service', 'sync', 'link').status).toBe(8)
  const segment = /^segment: (\S+)/m.exec(here.efs('system', 'status').stdout)?.[1]
  const told = (): string[] =>
    there
      .ok('gateway', 'logs', '--service', 'door')
      .stdout.split('\n')
      .filter((line) => line.includes('not let in'))
  await eventually(() => told().length > 0)
  expect(told()).toHaveLength(1)
  expect(told()[0]).toContain(
    `127.0.0.1, segment ${segment}, was not let in; it was told: credentials refused: no service of the peer has that secret`,
  )
  expect(there.ok('gateway', 'logs').stdout).not.toContain('wrong')
  await there.endGateway()
})
