import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { BUCKET } from './linked.js'
import { eventually, Site } from './sites.js'

/** A bucket and the directory `d` with `f/x` in both, which a running service keeps the same both ways. */
async function mirrored(): Promise<Site> {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  site.write('d/stays', 'the guard lets go all but the last')
  site.write('d/f/x', 'in a folder')
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'enable', 'm', '--no-start')
  await site.startGateway()
  site.ok('wait', 'm', '--timeout', '60s')
  return site
}

test('a folder whose delete comes before those of what is in it goes with the last of them, and does not come back', async () => {
  const site = await mirrored()
  site.ok('object', 'delete', `${BUCKET}/f/`)
  // Held up, or by now looked at again.
  expect([4, 0]).toContain(site.efs('wait', 'm', '--timeout', '60s').status)
  site.ok('object', 'delete', `${BUCKET}/f/x`)
  await eventually(() => site.efs('wait', 'm', '--timeout', '60s').status === 0)
  expect(existsSync(site.at('d/f'))).toBe(false)
  expect(site.ok('object', 'list', BUCKET).stdout).toBe('stays\n')
  await site.endGateway()
})

test('a folder in which something stays holds up nothing', async () => {
  const site = await mirrored()
  site.ok('object', 'delete', `${BUCKET}/f/`)
  await eventually(() => site.efs('wait', 'm', '--timeout', '60s').status === 0)
  expect(existsSync(site.at('d/f/x'))).toBe(true)
  expect(site.ok('object', 'list', BUCKET).stdout).toBe('f/x\nstays\n')
  await site.endGateway()
})
