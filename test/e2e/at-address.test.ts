import { expect, test } from 'vitest'
import { BUCKET, host } from './linked.js'
import { eventually, SECRET, Site } from './sites.js'

test('who has no right to a bucket is told so at its address, and the same whether it is there or not', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('bucket', 'attach', BUCKET, 'door')
  there.ok('bucket', 'create', 'Hawaii/Cola/secret')
  await there.startGateway()
  here.ok('bucket', 'create', BUCKET)
  here.efsReading(`${SECRET}\n`, 'credential', 'set', `ccow://${there.address}`)
  for (const name of ['secret', 'none']) {
    const bucket = `Hawaii/Cola/${name}`
    const address = `ccow://${there.address}/${bucket}`
    for (const args of [
      ['object', 'list', address],
      ['object', 'get', `${address}/a`, '-'],
      ['verify', BUCKET, address],
      ['sync', BUCKET, address],
      ['sync', address, BUCKET],
    ])
      expect(here.efs(...args), args.join(' ')).toMatchObject({
        status: 8,
        stdout: '',
        stderr: expect.stringMatching(
          `^efs: the peer gives no right to (list|read|write to) ${bucket}\n {5}at the peer, `,
        ),
      })
  }
  expect(here.efs('object', 'list', `ccow://${there.address}/Hawaii/Cola/bk2`).stderr).toBe(
    `efs: the peer gives no right to list Hawaii/Cola/bk2
     did you mean ${BUCKET}? Else at the peer, look at the direction and the served list of its service, or pair again
`,
  )
  await there.endGateway()
})

test('who is not let in at an address is told the line for whose secret it is', async () => {
  const [here, there] = [await Site.open(), await host()]
  await there.startGateway()
  const address = `ccow://${there.address}`
  const told = () => here.efs('object', 'list', `${address}/${BUCKET}`)
  expect(told()).toMatchObject({
    status: 8,
    stderr: `efs: the peer wants credentials
     efs credential set ${address}, with the secret that its service has; or $EFS_REMOTE_AUTH
`,
  })
  here.efsReading('wrong:wrong\n', 'credential', 'set', address)
  expect(told()).toMatchObject({
    status: 8,
    stderr: `efs: credentials refused: no service of the peer has that secret
     give both sides the same one: efs credential set ${address}
`,
  })
  here.ok('bucket', 'create', BUCKET)
  here.ok('service', 'create', 'isgw', 'out', '--remote', address)
  here.secret('out', 'wrong:wrong')
  expect(told().stderr).toContain('give both sides the same one: efs service config out X-ISGW-Basic-Auth -\n')
  here.secret('out')
  await eventually(() => told().status === 0)
  await there.endGateway()
})

test('what moves nothing says so, with the line that mends it', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', BUCKET)
  here.ok('service', 'create', 'isgw', 'out', '--remote', `ccow://${here.address}`)
  expect(here.efs('service', 'sync', 'out')).toEqual({
    status: 3,
    stdout: '',
    stderr: 'efs: service out serves nothing\n     efs bucket attach BUCKET out\n',
  })
  here.ok('bucket', 'attach', BUCKET, 'out')
  expect(here.efs('wait', 'out')).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('\n     efs service enable out\n'),
  })
  here.ok('service', 'enable', 'out', '--no-start')
  for (const names of [['out'], []])
    expect(here.efs('wait', ...names)).toEqual({
      status: 1,
      stdout: '',
      stderr: 'efs: no gateway runs, so nothing moves\n     efs gateway start, or efs service sync out once\n',
    })
})

test('what does not go to a peer that only gives is said when it is attached, and nothing is offered', async () => {
  const [here, there] = [await Site.open(), await host()]
  there.ok('service', 'config', 'door', 'X-ISGW-Direction', '1')
  await there.startGateway()
  here.ok('bucket', 'create', BUCKET)
  here.write('file', 'x')
  here.ok('object', 'put', `${BUCKET}/file`, 'file')
  here.ok('service', 'create', 'isgw', 'out', '--remote', `ccow://${there.address}`, '--direction', 'both')
  here.secret('out')
  expect(here.ok('bucket', 'attach', BUCKET, 'out').stderr).toBe(
    `attached ${BUCKET} to out\nthe peer gives no right to write ${BUCKET}, so nothing is sent there\n`,
  )
  here.ok('service', 'config', 'out', 'X-ISGW-Direction', '-')
  expect(here.ok('bucket', 'attach', BUCKET, 'out').stderr).toBe(`${BUCKET} is attached to out already\n`)
  await there.endGateway()
})
