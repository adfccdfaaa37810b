import { readdirSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { Site } from './sites.js'

const HERE = 'Hawaii/Cola/bk1'

test('what a peer has lost is no proof, though its index still names it', async () => {
  const [hawaii, hawaiiR] = [await Site.open(), await Site.open()]
  for (const site of [hawaii, hawaiiR]) {
    site.write('files/f', 'x'.repeat(5000))
    site.ok('bucket', 'create', HERE)
    site.ok('sync', './files', HERE)
  }
  const invited = hawaiiR.ok('gateway', 'pair', '--bucket', HERE, '--local', hawaiiR.address, '--no-start').stdout
  await hawaiiR.startGateway()
  expect(hawaii.efsReading(invited, 'service', 'create', 'isgw', 'hawaii', '--remote', '-').status).toBe(0)
  const there = `ccows://${hawaiiR.address}/${HERE}`
  hawaii.ok('verify', HERE, there)

  const packs = hawaiiR.at('home/packs')
  for (const pack of readdirSync(packs)) rmSync(path.join(packs, pack))
  for (const sides of [
    [HERE, there],
    [there, './files'],
  ])
    expect(hawaii.efs('verify', ...sides)).toEqual({
      status: 9,
      stdout: '',
      stderr: [
        `efs: nothing is proven of ccows://${hawaiiR.address}/${HERE}: 00000001.pack: the pack is missing\n`,
        '     there, run `efs system check` to see what it harms\n',
      ].join(''),
    })
  await hawaiiR.endGateway()
})
