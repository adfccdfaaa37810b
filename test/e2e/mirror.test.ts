import { expect, test } from 'vitest'
import { Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'

test('a directory is kept the same as the bucket, deletes too, and that can be waited for', async () => {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  site.ok('service', 'create', 'isgw', 'mirror', '--remote', `file://${site.at('out')}`)
  site.ok('bucket', 'attach', BUCKET, 'mirror')
  site.ok('service', 'config', 'mirror', 'X-Status', 'enabled')
  site.write('f', 'a file')
  site.ok('object', 'put', `${BUCKET}/a/f`, 'f')
  await site.startGateway()
  expect(site.ok('wait', 'mirror').stderr).toContain(`the only object is at ${site.at('out')}, 0 behind`)
  expect(site.run('cat', 'out/a/f').stdout).toBe('a file')
  site.ok('object', 'put', `${BUCKET}/g`, 'f')
  site.ok('object', 'delete', `${BUCKET}/a/f`)
  site.ok('wait', 'mirror')
  expect(site.run('find', 'out', '-type', 'f').stdout).toBe('out/g\n')
  expect(site.ok('service', 'show', 'mirror', '-s').stdout).toMatch(/^ {2}Versions applied {11}\| 3 /m)
  await site.endGateway()
})
