import { expect, test } from 'vitest'
import { BUCKET, host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

const PAUSED = 'Hawaii/Cola/bk2'

test('what is paused does not have to be there, and keeps nothing else up', async () => {
  const [here, there] = [await Site.open(), await host()]
  for (const bucket of [BUCKET, PAUSED]) here.ok('bucket', 'create', bucket)
  here.write('f', 'x')
  here.ok('object', 'put', `${BUCKET}/a`, 'f')
  linkTo(here, there.address, { direction: 'send' })
  here.ok('bucket', 'attach', PAUSED, 'link', '--pause')
  await there.startGateway()
  await here.startGateway()
  const line = (path: string): string =>
    `${path}: it is paused, so nothing of it is sent; efs bucket attach ${path} link ends that\n`
  const waited = here.efs('wait', 'link', '--timeout', '60s')
  expect(waited).toMatchObject({ status: 4, stdout: line(PAUSED) })
  expect(waited.stderr).toContain(`the only object is at ${BUCKET}, 0 behind`)
  here.ok('wait', 'link', '--bucket', BUCKET)
  here.ok('service', 'sync', 'link')
  expect(here.ok('service', 'check', 'link').stdout).toContain(BUCKET)
  await eventually(() => here.efs('system', 'status').status === 0)
  expect(here.efs('wait', 'link', '--bucket', PAUSED)).toMatchObject({ status: 4, stdout: line(PAUSED), stderr: '' })
  expect(there.ok('bucket', 'list', 'Hawaii/Cola').stdout).not.toContain('bk2')
  here.ok('bucket', 'attach', PAUSED, 'link')
  await eventually(() => there.ok('bucket', 'list', 'Hawaii/Cola').stdout.includes('bk2'))
  for (const site of [here, there]) await site.endGateway()
})

test('where only what comes is there, as sending is paused, that is said', async () => {
  const [here, there] = [await Site.open(), await host()]
  here.ok('bucket', 'create', BUCKET)
  for (const [site, key] of [
    [here, 'mine'],
    [there, 'theirs'],
  ] as const) {
    site.write('f', key)
    site.ok('object', 'put', `${BUCKET}/${key}`, 'f')
  }
  linkTo(here, there.address)
  here.ok('bucket', 'attach', BUCKET, 'link', '--pause')
  await there.startGateway()
  await here.startGateway()
  for (const args of [['link'], ['link', '--bucket', BUCKET, '--object', 'mine'], []]) {
    const waited = here.efs('wait', ...args)
    expect(waited).toMatchObject({ status: 4, stdout: expect.stringContaining(`${BUCKET}: it is paused, `) })
    expect(waited.stderr).toContain(` here, at ${BUCKET}, 0 behind`)
    expect(waited.stderr.split('\n')).toHaveLength(2)
  }
  here.ok('bucket', 'attach', BUCKET, 'link')
  here.ok('wait', 'link')
  for (const site of [here, there]) await site.endGateway()
})
