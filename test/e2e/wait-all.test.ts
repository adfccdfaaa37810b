import { expect, test } from 'vitest'
import { freePort, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'

/** A service `away` whose peer does not answer, and before and after it in order of names one with a directory. */
async function site(): Promise<Site> {
  const all = await Site.open()
  all.ok('bucket', 'create', BUCKET)
  all.ok('service', 'create', 'isgw', 'away', '--remote', `ccow://127.0.0.1:${await freePort()}`)
  for (const name of ['a', 'b']) all.ok('service', 'create', 'isgw', name, '--remote', `file://${all.at(name)}`)
  for (const name of ['a', 'away', 'b']) {
    all.ok('bucket', 'attach', BUCKET, name)
    all.ok('service', 'config', name, 'X-Status', 'enabled')
  }
  await all.startGateway()
  return all
}

function put(at: Site, key: string): void {
  at.write('f', key)
  at.ok('object', 'put', `${BUCKET}/${key}`, at.at('f'))
}

test('what is held up by one of several services ends the wait for all at once', async () => {
  const all = await site()
  for (const key of ['dir', 'dir/in']) put(all, key)
  const waited = all.efs('wait', '--timeout', '0')
  expect(waited.status).toBe(4)
  expect(waited.stdout).toMatch(`${BUCKET}/dir`)
})

test('one of several services whose peer is away holds nobody else up', async () => {
  const all = await site()
  put(all, 'one')
  const waited = all.efs('wait', '--timeout', '5s')
  expect(waited.status).toBe(7)
  expect(waited.stderr).toMatch('nothing listens there')
  for (const name of ['a', 'b']) expect(waited.stderr).toMatch(`is at ${all.at(name)}, 0 behind`)
})
