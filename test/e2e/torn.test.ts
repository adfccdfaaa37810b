import { spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'
const BLOCKS = 64

/** Rewrites a file in place, block by block, each block with the number of the round; rests now and then, after a whole round. */
const WRITER = `
const fs = require('fs')
const file = fs.openSync(process.argv[1], 'w')
const rest = new Int32Array(new SharedArrayBuffer(4))
for (let burst = 0, round = 0; burst < 2; burst++) {
  for (const end = Date.now() + 1500; Date.now() < end; round++)
    for (let i = 0; i < ${BLOCKS}; i++) fs.writeSync(file, String(round).padStart(9).padEnd(8192, '.') , i * 8192)
  Atomics.wait(rest, 0, 0, 2500)
}
`

test('a file that is rewritten in place all the time is stored whole or not at all', async () => {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  mkdirSync(site.at('d'))
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'receive')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  const writer = spawn(process.execPath, ['-e', WRITER, site.at('d/busy')])
  await new Promise((resolve) => writer.once('exit', resolve))
  site.ok('wait', 'm')
  await eventually(() => versionsOf(site).length > 0)
  await site.endGateway()
  for (const id of versionsOf(site)) {
    const { stdout } = site.ok('object', 'get', `${BUCKET}/busy`, '-', '--version', id)
    const rounds = new Set(stdout.match(/.{8192}/g)?.map((block) => block.slice(0, 9)))
    expect([...rounds], id).toHaveLength(1)
    expect(stdout).toHaveLength(BLOCKS * 8192)
  }
})

const versionsOf = (site: Site): string[] =>
  site.efs('object', 'versions', `${BUCKET}/busy`).stdout.match(/^[0-9a-f]{64}/gm) ?? []
