import { expect, onTestFinished, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { aheadOf } from '../../src/app/check/link-check.js'
import type { Outcome } from '../../src/app/check/outcome.js'
import { checkService } from '../../src/app/check/service-check.js'
import { LIMITS } from '../../src/base/limits.js'
import { host, linkTo } from './linked.js'
import { eventually, Site } from './sites.js'

/** In this process, whose limits are another matter than those of commands. */
async function failuresOf(site: Site, name: string): Promise<Outcome[]> {
  const app = openApp({ home: site.at('home'), config: site.at('config', 'efs'), note: () => undefined })
  const all: Outcome[] = []
  await checkService(app, name, async (outcome) => void all.push(outcome), new AbortController().signal)
  return all.filter(({ outcome }) => outcome === 'fail')
}

test('who was refused so often that the peer lets it wait is told of the refusal', async () => {
  const [here, there] = [await Site.open(), await host()]
  here.ok('bucket', 'create', 'Hawaii/Cola/bk1')
  linkTo(here, there.address, { direction: 'send' })
  here.efsReading('wrong:wrong\n', 'service', 'config', 'link', 'X-ISGW-Basic-Auth', '-')
  await there.startGateway()
  await here.startGateway()
  await eventually(() => here.ok('service', 'show', 'link', '-s').stdout.includes('credentials refused'))
  const { visitStallMs } = LIMITS
  Object.assign(LIMITS, { visitStallMs: 100 })
  onTestFinished(() => void Object.assign(LIMITS, { visitStallMs }))
  for (let time = 0; time < 5; time++)
    expect(await failuresOf(here, 'link')).toMatchObject([
      {
        test: 'credentials',
        text: 'refused: no service of the peer has that secret',
        hint: expect.stringContaining('efs service config link X-ISGW-Basic-Auth -'),
      },
    ])
  for (const site of [here, there]) await site.endGateway()
})

test('a clock is off only by what the time of the question does not explain', () => {
  expect([4, 5, 6, 9, 10, 11].map((nowMs) => aheadOf(nowMs, 5, 10))).toEqual([-1, 0, 0, 0, 0, 1])
})
