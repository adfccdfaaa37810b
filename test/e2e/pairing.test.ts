import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually, Site } from './sites.js'

const THERE = 'Hawaii-r/Cola/bk1'
const HERE = 'Hawaii/Cola/bk1'

test('one line is printed at one side and pasted at the other; then what is written here is there, encrypted', async () => {
  const [hawaii, hawaiiR] = [await Site.open(), await Site.open()]
  hawaiiR.ok('tenant', 'create', 'Hawaii-r/Cola', '--parents')
  const pair = ['gateway', 'pair', '--bucket', THERE, '--local', hawaiiR.address, '--no-start']
  const { stdout, stderr } = hawaiiR.ok(...pair)
  expect(stdout).toMatch(/^ccows:\/\/pair:[A-Z2-9-]{14}@127\.0\.0\.1:\d+\/Hawaii-r\/Cola\/bk1#sha256:[0-9a-f]{64}\n$/)
  expect(stderr).toBe(
    'service pair-in created and enabled; no gateway runs (efs gateway start); valid 15 minutes, once\n',
  )
  await hawaiiR.startGateway()

  hawaii.ok('bucket', 'create', HERE)
  const created = hawaii.efsReading(stdout, 'service', 'create', 'isgw', 'hawaii', '--remote', '-')
  const guid = /^segment: (\S+)$/m.exec(hawaiiR.ok('system', 'status').stdout)?.[1]
  expect(created).toMatchObject({
    status: 0,
    stderr: expect.stringContaining(`paired with segment ${guid}: write ${THERE}\n`),
  })
  const remote = hawaii.ok('service', 'config', 'hawaii', 'X-ISGW-Remote').stdout
  expect(remote).toBe(`ccows://${hawaiiR.address}${/#sha256:[0-9a-f]{64}\n$/.exec(stdout)?.[0]}`)
  expect(hawaii.ok('service', 'config', 'hawaii', 'X-ISGW-Basic-Auth').stdout).toBe('********\n')
  hawaii.write('f', 'a file')
  hawaii.ok('object', 'put', `${HERE}/f`, 'f')
  expect(hawaii.ok('bucket', 'attach', HERE, 'hawaii', '--as', THERE).stderr).toContain(
    '1 object to offer, at most 6 B to send\n',
  )
  hawaii.ok('service', 'config', 'hawaii', 'X-Status', 'enabled')
  await hawaii.startGateway()
  expect(hawaii.ok('wait', 'hawaii', '--timeout', '60s').stderr).toMatch(`the only object is at ${THERE}, 0 behind`)
  expect(hawaiiR.ok('object', 'get', `${THERE}/f`, '-').stdout).toBe('a file')
  hawaii.ok('verify', HERE, `ccows://${hawaiiR.address}/${THERE}`)

  // The right is to write, for that bucket and this segment; and the token is spent.
  expect(hawaii.efs('object', 'get', `ccows://${hawaiiR.address}/${THERE}/f`, '-').status).toBe(8)
  const other = await Site.open()
  other.ok('bucket', 'create', HERE)
  const again = other.efsReading(stdout, 'service', 'create', 'isgw', 'hawaii', '--remote', '-')
  expect(again).toMatchObject({
    status: 8,
    stderr: expect.stringContaining('the one-time token is refused: it was used already'),
  })
  expect(other.ok('service', 'list').stdout).toBe('')

  // What was given out can be taken back, while the link is open.
  expect(hawaiiR.ok('gateway', 'peers').stdout).toContain(`${THERE}=write`)
  const peer = hawaiiR.ok('gateway', 'peers').stdout.split(' ', 1)[0] ?? ''
  hawaiiR.ok('gateway', 'unpair', peer)
  hawaii.write('g', 'another')
  hawaii.ok('object', 'put', `${HERE}/g`, 'g')
  await eventually(() => /does not let|refused/.test(hawaii.ok('service', 'show', 'hawaii', '-s').stdout))
  expect(hawaiiR.ok('object', 'list', THERE).stdout).toBe('f\n')
  expect(hawaii.efs('wait', 'hawaii')).toMatchObject({
    status: 8,
    stderr: expect.stringContaining('here, efs service config hawaii X-ISGW-Remote -'),
  })
  for (const site of [hawaii, hawaiiR]) await site.endGateway()
})

test('a token that was to be spent once the peer is there, and cannot be: all say why, and pairing again mends it', async () => {
  const [hawaii, hawaiiR, other] = [await Site.open(), await Site.open(), await Site.open()]
  hawaiiR.ok('bucket', 'create', THERE)
  const pair = ['gateway', 'pair', '--bucket', THERE, '--local', hawaiiR.address, '--no-start']
  const line = hawaiiR.ok(...pair).stdout
  hawaii.ok('bucket', 'create', HERE)
  hawaii.write('f', 'a file')
  hawaii.ok('object', 'put', `${HERE}/f`, 'f')
  const created = hawaii.efsReading(line, 'service', 'create', 'isgw', 'hawaii', '--remote', '-')
  expect(created.stderr).toContain('the peer does not answer yet: hawaii pairs with it once it runs')
  hawaii.ok('bucket', 'attach', HERE, 'hawaii', '--as', THERE)
  const why = (): string => hawaii.ok('why', `${HERE}/f`).stdout
  hawaii.ok('service', 'enable', 'hawaii', '--no-start')

  // Somebody else is quicker.
  await hawaiiR.startGateway()
  const check = hawaii.ok('service', 'check', 'hawaii').stdout
  expect(check).toContain('! credentials not paired yet: the one-time token is spent by the first link\n')
  expect(why()).toContain('waiting: no gateway runs')
  expect(hawaii.efs('object', 'list', `ccows://${hawaiiR.address}/${THERE}`)).toMatchObject({
    status: 8,
    stderr: expect.stringContaining(`efs: not paired with ${hawaiiR.address} yet: the one-time token`),
  })
  other.ok('bucket', 'create', HERE)
  expect(other.efsReading(line, 'service', 'create', 'isgw', 'hawaii', '--remote', '-').status).toBe(0)
  await hawaii.startGateway()
  const reason = 'the one-time token is refused: it was used already'
  await eventually(() => hawaii.ok('service', 'show', 'hawaii', '-s').stdout.includes(reason))
  expect(why()).toContain(`waiting: ${reason}`)
  expect(hawaii.efs('service', 'check', 'hawaii')).toMatchObject({
    status: 1,
    stdout: expect.stringContaining(`✖ credentials ${reason}\n   pair again: at the peer, efs gateway pair; here,`),
  })

  const remote = () => hawaii.ok('service', 'config', 'hawaii', 'X-ISGW-Remote').stdout
  const before = remote()
  const spent = line.replace(hawaiiR.address, `localhost:${hawaiiR.address.split(':')[1]}`)
  expect(hawaii.efsReading(spent, 'service', 'config', 'hawaii', 'X-ISGW-Remote', '-').status).toBe(8)
  expect(remote()).toBe(before)
  hawaii.efsReading(hawaiiR.ok(...pair).stdout, 'service', 'config', 'hawaii', 'X-ISGW-Remote', '-')
  hawaii.ok('wait', 'hawaii', '--timeout', '60s')
  expect(why()).not.toContain('waiting')

  // What the pairing gives no right to is not on its way.
  hawaiiR.write('theirs', 'of there')
  hawaiiR.ok('object', 'put', `${THERE}/theirs`, 'theirs')
  expect(hawaii.ok('why', `${HERE}/theirs`).stdout).toContain(`waiting: the peer gives no right to read ${THERE}\n`)
  // Where both ways were asked for by name, one of them is not all.
  hawaii.ok('service', 'config', 'hawaii', 'X-ISGW-Direction', '3')
  expect(hawaii.efs('wait', 'hawaii', '--timeout', '60s')).toMatchObject({
    status: 8,
    stderr: expect.stringContaining(`efs: the peer gives no right to read ${THERE}, so nothing comes from there\n`),
  })
  expect(hawaii.ok('bucket', 'attach', HERE, 'hawaii', '--as', THERE).stderr).toContain(
    `\nthe peer gives no right to read ${THERE}, so nothing comes from there\n`,
  )
  const waysIn = (text: string) => text.split('\n').find((line) => line.includes('does not go all its ways'))
  await eventually(
    () =>
      waysIn(hawaii.ok('gateway', 'logs').stdout)?.includes('efs service config hawaii X-ISGW-Direction 1') === true,
  )
  hawaii.ok('service', 'config', 'hawaii', 'X-ISGW-Direction', '-')

  // A later service of that name lets none of them in.
  hawaiiR.ok('service', 'disable', 'pair-in')
  const deleted = hawaiiR.ok('service', 'delete', 'pair-in').stderr
  expect(deleted).toBe('deleted service pair-in: 2 credentials of peers taken away\n')
  hawaiiR.ok(...pair)
  const refused = 'the peer knows no key for this segment'
  await eventually(() => hawaii.efs('service', 'check', 'hawaii').stdout.includes(refused))
  for (const site of [hawaii, hawaiiR]) await site.endGateway()
})

test('two services of one segment pair with one of the peer, each by a line of its own, and neither ends the other', async () => {
  const [hawaii, hawaiiR] = [await Site.open(), await Site.open()]
  hawaiiR.ok('tenant', 'create', 'Hawaii-r/Cola', '--parents')
  hawaii.ok('bucket', 'create', HERE)
  await hawaiiR.startGateway()
  const pair = (bucket: string) => hawaiiR.ok('gateway', 'pair', '--bucket', bucket, '--local', hawaiiR.address).stdout
  const paste = (line: string, name: string) =>
    hawaii.efsReading(line, 'service', 'create', 'isgw', name, '--remote', '-')
  const lines = [pair(THERE), pair('Hawaii-r/Cola/bk2')] as const
  expect(paste(lines[0], 'one').status).toBe(0)
  expect(paste(lines[0], 'again')).toMatchObject({
    status: 8,
    stderr: expect.stringContaining('the one-time token is refused: it was used already'),
  })
  expect(paste(lines[1], 'two').status).toBe(0)
  expect(hawaii.ok('service', 'list').stdout).toBe('one\ntwo\n')
  for (const name of ['one', 'two'])
    expect(hawaii.efs('service', 'check', name).stdout).toContain('✔ credentials accepted by segment')
  await hawaiiR.endGateway()
})

test('what pairing gave and a power cut took back is had again with the same token', async () => {
  const [hawaii, hawaiiR] = [await Site.open(), await Site.open()]
  hawaiiR.ok('bucket', 'create', THERE)
  const line = hawaiiR.ok('gateway', 'pair', '--bucket', THERE, '--local', hawaiiR.address, '--no-start').stdout
  hawaii.ok('bucket', 'create', HERE)
  hawaii.efsReading(line, 'service', 'create', 'isgw', 'hawaii', '--remote', '-')
  hawaii.ok('bucket', 'attach', HERE, 'hawaii', '--as', THERE)
  hawaii.ok('service', 'enable', 'hawaii', '--no-start')
  const secrets = hawaii.at('config/efs/credentials.json')
  const before = readFileSync(secrets)
  await hawaiiR.startGateway()
  await hawaii.startGateway()
  hawaii.ok('wait', 'hawaii', '--timeout', '60s')
  expect(readFileSync(secrets)).not.toEqual(before)

  await hawaii.endGateway('SIGKILL')
  writeFileSync(secrets, before)
  await hawaii.startGateway()
  hawaii.write('f', 'a file')
  hawaii.ok('object', 'put', `${HERE}/f`, 'f')
  hawaii.ok('wait', 'hawaii', '--timeout', '60s')
  expect(hawaiiR.ok('object', 'get', `${THERE}/f`, '-').stdout).toBe('a file')
  expect(hawaiiR.ok('gateway', 'peers').stdout.match(/=write/g)).toHaveLength(1)
  for (const site of [hawaii, hawaiiR]) await site.endGateway()
})
