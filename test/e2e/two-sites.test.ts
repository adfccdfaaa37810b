import { expect, test } from 'vitest'
import { SECRET, Site } from './sites.js'

test('the documented procedure for two sites, typed as it stands: each has what the other wrote', async () => {
  const [primary, secondary] = [await Site.open(), await Site.open()]
  for (const [site, other] of [
    [primary, secondary],
    [secondary, primary],
  ] as const) {
    site.ok('system', 'init', '-f')
    site.ok('cluster', 'create', 'Hawaii')
    site.ok('tenant', 'create', 'Hawaii/Cola', ...(site === secondary ? ['-r', '2'] : []))
    if (site === primary) site.ok('bucket', 'create', 'Hawaii/Cola/bk1')
    site.ok('service', 'create', 'isgw', 'isgw-link')
    site.ok('service', 'serve', 'isgw-link', 'Hawaii/Cola/bk1')
    site.ok('service', 'config', 'isgw-link', 'X-ISGW-Local', site.address)
    site.ok('service', 'config', 'isgw-link', 'X-ISGW-Remote', `ccow://${other.address}`)
    site.ok('service', 'config', 'isgw-link', 'X-ISGW-Direction', '3')
    site.ok('service', 'config', 'isgw-link', 'X-ISGW-Replication', '3')
    site.secret('isgw-link', SECRET)
    site.ok('service', 'config', 'isgw-link', 'X-Status', 'enabled')
    await site.startGateway()
  }
  primary.write('from-primary', 'written at the primary site')
  primary.ok('object', 'put', 'Hawaii/Cola/bk1/from-primary', 'from-primary')
  primary.ok('wait', 'isgw-link', '--timeout', '60s')
  secondary.write('from-secondary', 'written at the secondary site')
  secondary.ok('object', 'put', 'Hawaii/Cola/bk1/from-secondary', 'from-secondary')
  const told = secondary.ok('wait', 'isgw-link', '--timeout', '60s').stderr
  expect(told).toMatch(/^✔ .* at Hawaii\/Cola\/bk1, .*\n✔ .* here, at Hawaii\/Cola\/bk1, .*\n$/)
  for (const site of [primary, secondary]) {
    expect(site.ok('object', 'list', 'Hawaii/Cola/bk1').stdout).toBe('from-primary\nfrom-secondary\n')
    const shown = site.ok('service', 'show', 'isgw-link', '-s').stdout
    expect(shown).toMatch(/^X-Status: enabled$/m)
    expect(shown).toMatch(/^ {2}State {22}\| continuous {8}$/m)
  }
  expect(secondary.ok('object', 'get', 'Hawaii/Cola/bk1/from-primary', '-').stdout).toBe('written at the primary site')
  expect(primary.ok('object', 'get', 'Hawaii/Cola/bk1/from-secondary', '-').stdout).toBe(
    'written at the secondary site',
  )
  primary.ok('verify', 'Hawaii/Cola/bk1', `ccow://${secondary.address}/Hawaii/Cola/bk1`)
  for (const site of [primary, secondary]) await site.endGateway()
})
