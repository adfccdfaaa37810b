import { existsSync, mkdirSync, rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { Hand } from './hand.js'
import { BUCKET } from './linked.js'
import { Site } from './sites.js'

/** Each kill comes a moment after what it is to hit, so some may come too late. */
const ROUNDS = 4

/** A bucket and the directory `d`, which a running service keeps the same both ways. */
async function mirrored(): Promise<Site> {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  mkdirSync(site.at('d'))
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'enable', 'm', '--no-start')
  site.write('d/stays', 'the guard lets go all but the last')
  await site.startGateway()
  site.ok('wait', 'm', '--timeout', '60s')
  return site
}

/** Kills the gateway as soon as that is true. */
async function killOnce(site: Site, isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise(setImmediate)
  await site.endGateway('SIGKILL')
}

test('a file that is deleted after the gateway was killed while it took it in stays deleted', async () => {
  const site = await mirrored()
  const hand = await Hand.open(site.at('home'), BUCKET)
  for (let round = 0; round < ROUNDS; round++) {
    const before = hand.position
    site.write(`d/file-${round}`, 'soon deleted')
    await killOnce(site, () => hand.position > before)
    rmSync(site.at(`d/file-${round}`))
    await site.startGateway()
    site.ok('wait', 'm', '--timeout', '60s')
    expect(existsSync(site.at(`d/file-${round}`))).toBe(false)
    expect(site.ok('object', 'list', BUCKET).stdout).toBe('stays\n')
  }
  await site.endGateway()
})
