import { expect, test } from 'vitest'
import { eventually, freePort, SECRET, Site } from './sites.js'

/** A receiver that serves what `direction` lets it, with its gateway. */
async function receiver(direction: string): Promise<Site> {
  const site = await Site.open()
  for (const tenant of ['Hawaii-r/Cola', 'Hawaii-r/Pepsi']) site.ok('tenant', 'create', tenant, '--parents')
  site.ok('service', 'create', 'isgw', 'hawaii-r', '--local', site.address, '--direction', direction)
  site.secret('hawaii-r')
  site.ok('service', 'config', 'hawaii-r', 'X-Status', 'enabled')
  await site.startGateway()
  return site
}

async function sender(peer: Site, ...flags: string[]): Promise<Site> {
  const site = await Site.open()
  site.ok('bucket', 'create', 'Hawaii/Cola/bk1')
  site.ok('service', 'create', 'isgw', 'hawaii', '--remote', `ccow://${peer.address}`, ...flags)
  site.secret('hawaii')
  return site
}

const attach = (site: Site, as: string, ...flags: string[]) =>
  site.efs('bucket', 'attach', 'Hawaii/Cola/bk1', 'hawaii', '--as', as, ...flags)

test('what cannot work is refused, with what there is; --create makes it', async () => {
  const peer = await receiver('receive')
  const site = await sender(peer, '--direction', 'send')
  expect(attach(site, 'Hawaii-r/Coala/bk1')).toEqual({
    status: 3,
    stdout: '',
    stderr:
      'efs: the peer has no tenant Hawaii-r/Coala\n' +
      '     it has Hawaii-r/Cola, Hawaii-r/Pepsi. Did you mean --as Hawaii-r/Cola/bk1?  (--create makes Coala)\n',
  })
  expect(attach(site, 'Maui/Cola/bk1')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(/^efs: the peer has no cluster Maui\n {5}it has Hawaii-r/),
  })
  expect(attach(site, 'Maui/Cola/bk1', '--create').status).toBe(0)
  expect(peer.ok('tenant', 'list', 'Maui').stdout).toBe('Cola\n')
  expect(site.ok('service', 'show', 'hawaii').stdout).toContain('  Hawaii/Cola/bk1,as=Maui/Cola/bk1\n')
  expect(attach(site, 'Hawaii-r/Cola/bk1').status).toBe(0)

  const only = await sender(peer, '--direction', 'receive')
  expect(attach(only, 'Hawaii-r/Cola/bk1')).toMatchObject({
    status: 8,
    stderr: expect.stringMatching(/^efs: the peer only receives/),
  })
  await peer.endGateway()
})

test('a peer that only sends is refused by who only sends', async () => {
  const peer = await receiver('send')
  const site = await sender(peer, '--direction', 'send')
  expect(attach(site, 'Hawaii-r/Cola/bk1')).toMatchObject({
    status: 8,
    stderr: expect.stringMatching(/^efs: the peer only sends/),
  })
  await peer.endGateway()
})

test('a segment does not replicate to itself: whoever meets it first says so', async () => {
  const site = await receiver('both')
  const same = expect.stringMatching(
    /^efs: that gateway belongs to this same segment \([0-9A-F]{4}-[0-9A-F]{4}\); a segment does not replicate to itself\n {5}two segments on one machine need two homes/,
  )
  const create = ['service', 'create', 'isgw', 'loop', '--remote', `ccow://${site.address}`]
  expect(site.efs(...create)).toMatchObject({ status: 2, stderr: same })
  expect(site.ok('service', 'list').stdout).toBe('hawaii-r\n')
  site.ok('service', 'create', 'isgw', 'loop', '--remote', `ccow://127.0.0.1:${await freePort()}`)
  expect(site.efs('service', 'config', 'loop', 'X-ISGW-Remote', `ccow://${site.address}`)).toMatchObject({
    status: 2,
    stderr: same,
  })
  await site.endGateway()
})

test('an address shows the secret of its service, else that of the environment or of a file, else none', async () => {
  const peer = await receiver('both')
  peer.ok('bucket', 'create', 'Hawaii-r/Cola/bk1')
  peer.write('f', 'at the peer')
  peer.ok('object', 'put', 'Hawaii-r/Cola/bk1/f', 'f')
  const address = `ccow://${peer.address}/Hawaii-r/Cola/bk1`
  const site = await sender(peer)
  expect(site.ok('object', 'list', address).stdout).toBe('f\n')
  const stranger = await Site.open()
  expect(stranger.efs('object', 'list', address)).toMatchObject({
    status: 8,
    stderr: expect.stringMatching(/^efs: the peer wants credentials\n/),
  })
  stranger.write('secret', `${SECRET}\n`)
  expect(stranger.ok('object', 'get', `${address}/f`, '-', '--auth-file', 'secret').stdout).toBe('at the peer')
  stranger.ok('sync', address, './out', '--auth-file', 'secret')
  expect(stranger.run('cat', 'out/f').stdout).toBe('at the peer')
  stranger.write('out/g', 'from a folder')
  stranger.ok('sync', './out', address, '--auth-file', 'secret')
  expect(peer.ok('object', 'get', 'Hawaii-r/Cola/bk1/g', '-').stdout).toBe('from a folder')
  stranger.ok('verify', './out', address, '--auth-file', 'secret')
  stranger.write('wrong', 'wrong:wrong\n')
  expect(stranger.efs('object', 'list', address, '--auth-file', 'wrong')).toMatchObject({
    status: 8,
    stderr: expect.stringMatching(/^efs: credentials refused/),
  })
  expect(stranger.efs('object', 'list', `ccow://user:pw@${peer.address}/Hawaii-r/Cola/bk1`).status).toBe(2)
  await peer.endGateway()
})

test('a folder that is synced to a gateway again is not read again, where there is a segment to remember it in', async () => {
  const peer = await receiver('both')
  peer.ok('bucket', 'create', 'Hawaii-r/Cola/bk1')
  const site = await sender(peer)
  const address = `ccow://${peer.address}/Hawaii-r/Cola/bk1`
  site.write('folder/a', 'in a folder')
  site.write('folder/b', 'another')
  site.run('touch', '-d', '2020-01-01', 'folder/a', 'folder/b')
  expect(site.summary('sync', './folder', address)).toMatchObject({ filesRead: 2, published: 2 })
  expect(site.summary('sync', './folder', address)).toMatchObject({ filesRead: 0, published: 0 })
  site.write('folder/b', 'changed')
  site.run('touch', '-d', '2021-01-01', 'folder/b')
  expect(site.summary('sync', './folder', address)).toMatchObject({ filesRead: 1, published: 1 })
  peer.write('f', 'changed at the peer')
  peer.ok('object', 'put', 'Hawaii-r/Cola/bk1/a', 'f')
  expect(site.summary('sync', './folder', address)).toMatchObject({ filesRead: 1, published: 1 })
  await peer.endGateway()
})

test('one full pass of a service runs without a gateway on this side', async () => {
  const peer = await receiver('both')
  const site = await sender(peer)
  site.write('f', 'here')
  site.ok('object', 'put', 'Hawaii/Cola/bk1/f', 'f')
  site.ok('bucket', 'attach', 'Hawaii/Cola/bk1', 'hawaii', '--as', 'Hawaii-r/Cola/bk1')
  expect(site.ok('service', 'sync', 'hawaii').stderr).toContain('1 version offered, 1 version new')
  peer.write('g', 'there')
  peer.ok('object', 'put', 'Hawaii-r/Cola/bk1/g', 'g')
  expect(site.ok('service', 'sync', 'hawaii').stderr).toMatch(/to Hawaii\/Cola\/bk1: .*, run 1$/m)
  for (const [one, bucket] of [
    [site, 'Hawaii/Cola/bk1'],
    [peer, 'Hawaii-r/Cola/bk1'],
  ] as const)
    expect(one.ok('object', 'list', bucket).stdout).toBe('f\ng\n')
  site.ok('run', 'undo', '1')
  site.ok('service', 'sync', 'hawaii')
  expect(peer.ok('object', 'list', 'Hawaii-r/Cola/bk1').stdout).toBe('f\n')
  await peer.endGateway()
})

test('a bucket and a tenant that the peer lacks hold up no other: neither of a link, nor of a pass, nor of a wait for that bucket', async () => {
  const peer = await receiver('both')
  const site = await sender(peer)
  site.secret('hawaii', 'wrong:wrong')
  expect(attach(site, 'Hawaii-r/Cola/bk1').stderr).toMatch(/\nnot let in: credentials refused: /)
  site.secret('hawaii')
  await peer.endGateway()
  // Nobody can tell yet.
  site.ok('tenant', 'create', 'Hawaii/Pepsi')
  for (const [path, as] of [
    ['Hawaii/Cola/typo', 'Hawaii-r/Cola/typo'],
    ['Hawaii/Pepsi', 'Hawaii-r/Mepsi'],
    ['Hawaii/Cola/bk1', 'Hawaii-r/Cola/bk1'],
  ] as const) {
    if (path.endsWith('bk1')) site.ok('bucket', 'detach', path, 'hawaii')
    site.ok('bucket', 'attach', path, 'hawaii', '--as', as)
  }
  await peer.startGateway()
  const put = (key: string): void => {
    site.write(key, key)
    site.ok('object', 'put', `Hawaii/Cola/bk1/${key}`, key)
  }
  put('f')
  expect(site.efs('service', 'sync', 'hawaii')).toMatchObject({
    status: 3,
    stderr: expect.stringMatching(
      /1 version new[\s\S]*\nefs: the peer has no bucket Hawaii-r\/Cola\/typo\n {5}1 more path failed: efs service check hawaii/,
    ),
  })
  put('g')
  site.ok('service', 'enable', 'hawaii', '--no-start')
  await site.startGateway()
  site.ok('wait', 'hawaii', '--bucket', 'Hawaii/Cola/bk1', '--timeout', '60s')
  expect(peer.ok('object', 'list', 'Hawaii-r/Cola/bk1').stdout).toBe('f\ng\n')
  expect(site.efs('wait', 'hawaii', '--timeout', '60s').status).toBe(3)
  expect(site.ok('service', 'show', 'hawaii', '-s').stdout).toContain('the peer has no tenant Hawaii-r/Mepsi')
  peer.ok('tenant', 'create', 'Hawaii-r/Mepsi')
  await eventually(() => /no tenant Hawaii-r\/Mepsi.* mended/.test(site.ok('service', 'show', 'hawaii', '-s').stdout))
  for (const one of [site, peer]) await one.endGateway()
})
