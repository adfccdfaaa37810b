import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { clockTest } from '../../src/app/check/link-check.js'
import type { Outcome } from '../../src/app/check/outcome.js'
import { checkService } from '../../src/app/check/service-check.js'
import { createService, setKey } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { LIMITS } from '../../src/base/limits.js'
import { encodeBody } from '../../src/link/protocol/body.js'
import { BODY_TYPE, failure } from '../../src/link/protocol/ops.js'
import { SECRET, Site } from './sites.js'

const HERE = 'Hawaii/Cola/bk1'

const appOf = (site: Site): App =>
  openApp({ home: site.at('home'), config: site.at('config', 'efs'), note: () => undefined })

interface Made {
  readonly remote: string
  readonly as?: string
  readonly secret?: string
}

/** A service that sends one bucket, made in this process: a command takes half a second. */
async function service(site: Site, name: string, { remote, as, secret = SECRET }: Made): Promise<void> {
  const app = appOf(site)
  await createService(app, 'isgw', name, { 'X-ISGW-Remote': remote, 'X-ISGW-Direction': '1' })
  await setKey(app, name, 'X-ISGW-Basic-Auth', '-', async () => secret)
  await serve(app, {
    service: name,
    path: HERE,
    create: false,
    pause: false,
    ...(as === undefined ? {} : { as }),
  })
}

/** In this process, too, so that it can answer itself. */
async function checked(site: Site, name: string): Promise<Outcome[]> {
  const all: Outcome[] = []
  await checkService(appOf(site), name, async (outcome) => void all.push(outcome), new AbortController().signal)
  return all
}

/** What failed, and what was not reached for it. */
async function failures(site: Site, name: string): Promise<{ failed: Outcome[]; skipped: string[] }> {
  const all = await checked(site, name)
  const skipped = all.filter(({ outcome }) => outcome === 'skip').map((one) => one.test)
  return { failed: all.filter(({ outcome }) => outcome === 'fail'), skipped }
}

test('each cause has its line, and what to do', async () => {
  const [here, there] = [await Site.open(), await Site.open()]
  there.ok('tenant', 'create', 'R/Cola', '--parents')
  await createService(appOf(there), 'isgw', 'r', { 'X-ISGW-Local': there.address, 'X-ISGW-Direction': '2' })
  await setKey(appOf(there), 'r', 'X-ISGW-Basic-Auth', '-', async () => SECRET)
  await setKey(appOf(there), 'r', 'X-Status', 'enabled', async () => '')
  here.ok('bucket', 'create', HERE)
  const remote = `ccow://${there.address}`
  const as = 'R/Cola/bk1'
  // While the peer is away: where it is not, it is asked, and most of this is refused at once.
  await service(here, 'h', { remote, as })
  await service(here, 'secret', { remote, as, secret: 'wrong:wrong' })
  await service(here, 'tenant', { remote, as: 'R/Coala/bk1' })
  await createService(appOf(there), 'isgw', 'loop', { 'X-ISGW-Remote': remote })
  await service(here, 'print', { remote: `ccows://${there.address}#sha256:${'ab'.repeat(32)}`, as })
  expect(here.efs('service', 'check', 'h')).toEqual({
    status: 1,
    stderr: '',
    stdout: [
      '✔ name        isgw, send, initial+continuous, 1 bucket, disabled',
      `✖ address     ${there.address} cannot be reached: nothing listens there`,
      '   is the gateway running, and is that its port?',
      '- credentials, rights, buckets, clock: not reached',
      '',
    ].join('\n'),
  })
  expect((await failures(there, 'r')).failed).toEqual([
    {
      test: 'port',
      outcome: 'fail',
      text: `nobody listens at ${there.address}: no gateway runs`,
      hint: 'efs gateway start',
    },
  ])
  await there.startGateway()
  await vi.waitFor(async () => expect(await failures(there, 'r')).toEqual({ failed: [], skipped: [] }), {
    timeout: 20_000,
  })
  expect(here.ok('service', 'check', 'h').stdout).toMatch(
    new RegExp(
      [
        '^✔ name        isgw, send, initial\\+continuous, 1 bucket, disabled',
        `✔ address     ${there.address} answers in [0-9.]+ ms`,
        '✔ credentials accepted by segment [0-9A-F]{4}-[0-9A-F]{4}',
        '✔ rights      write R/Cola/bk1',
        '✔ buckets     R/Cola/bk1 would be made there',
        '✔ clock       differs by less than 1 s\n$',
      ].join('\n'),
    ),
  )
  expect(there.ok('bucket', 'list', 'R/Cola').stdout).toBe('')

  expect(await failures(here, 'secret')).toEqual({
    failed: [
      {
        test: 'credentials',
        outcome: 'fail',
        text: 'refused: no service of the peer has that secret',
        hint: 'give both sides the same one: efs service config secret X-ISGW-Basic-Auth -',
      },
    ],
    skipped: ['rights', 'buckets', 'clock'],
  })
  expect((await failures(here, 'tenant')).failed).toEqual([
    {
      test: 'buckets',
      outcome: 'fail',
      text: 'the peer has no tenant R/Coala',
      hint: 'it has R/Cola. Did you mean R/Cola?',
    },
  ])
  await setKey(appOf(here), 'h', 'X-ISGW-Direction', 'both', async () => '')
  const half = {
    test: 'rights',
    text: 'write R/Cola/bk1; no right to read R/Cola/bk1, so nothing comes from there',
    hint: expect.stringContaining('pair again with --rights read+write; or efs service config h X-ISGW-Direction 1'),
  }
  expect(await failures(here, 'h')).toEqual({ failed: [{ ...half, outcome: 'fail' }], skipped: [] })
  await setKey(appOf(here), 'h', 'X-ISGW-Direction', '-', async () => '')
  expect(await failures(here, 'h')).toEqual({ failed: [], skipped: [] })
  expect(await checked(here, 'h')).toContainEqual({ ...half, outcome: 'warn' })
  await setKey(appOf(here), 'h', 'X-ISGW-Direction', 'receive', async () => '')
  expect(await failures(here, 'h')).toEqual({
    failed: [
      {
        test: 'rights',
        outcome: 'fail',
        text: 'the peer gives no right to read R/Cola/bk1',
        hint: expect.stringContaining('at the peer'),
      },
    ],
    skipped: ['buckets'],
  })
  expect(await failures(here, 'print')).toEqual({
    failed: [
      {
        test: 'certificate',
        outcome: 'fail',
        text: 'not the one that was pinned',
        hint: expect.stringMatching(/^it has sha256:[0-9a-f]{64} now: pair again if that is meant$/),
      },
    ],
    skipped: ['credentials', 'rights', 'buckets', 'clock'],
  })
  expect((await failures(there, 'loop')).failed).toMatchObject([
    { test: 'peer', text: expect.stringContaining('that gateway belongs to this same segment (') },
  ])
  await there.endGateway()
})

test('a name that does not resolve, and a directory, need no gateway', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', HERE)
  await service(here, 'n', { remote: 'ccow://no-such-host.invalid:14000' })
  expect((await failures(here, 'n')).failed).toMatchObject([
    { test: 'address', text: expect.stringMatching(/^no-such-host\.invalid:14000 cannot be reached: \S/) },
  ])
  await service(here, 'd', { remote: `file://${here.at('none', 'copy')}` })
  expect((await failures(here, 'd')).failed).toMatchObject([
    { test: 'directory', text: `${here.at('none')} does not exist` },
  ])
  here.write('none/other', 'x')
  const lines = here.ok('service', 'check', 'd', '--json').stdout.trimEnd().split('\n')
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { type: 'test', test: 'name', outcome: 'pass', text: expect.any(String), hint: null },
    { type: 'test', test: 'directory', outcome: 'pass', text: `${here.at('none', 'copy')} would be made`, hint: null },
    { type: 'test', test: 'buckets', outcome: 'pass', text: `${HERE} is here`, hint: null },
    { type: 'summary', ok: true, pass: 3, warn: 0, fail: 0, skip: 0 },
  ])
  here.ok('service', 'sync', 'd')
  rmSync(here.at('none', 'copy'), { recursive: true })
  expect((await failures(here, 'd')).failed).toMatchObject([
    { test: 'directory', text: `${here.at('none', 'copy')} does not exist` },
  ])
  here.write('none/copy/.efsignore', '*.tmp\n[a\n')
  expect((await failures(here, 'd')).failed).toMatchObject([
    { test: 'directory', text: expect.stringContaining('.efsignore line 2: the pattern [a has') },
  ])
})

test('a gateway of another protocol, and what is no gateway', async () => {
  const here = await Site.open()
  here.ok('bucket', 'create', HERE)
  const words = {
    code: 'REFUSED',
    message: 'the gateway speaks the link protocol up to version 0',
    hint: 'use a newer efs',
  }
  const answers = [Buffer.concat(encodeBody(failure, words)), Buffer.from('<html>hello</html>')]
  const server = createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(403, { 'content-type': BODY_TYPE }).end(answers.shift()))
  })
  onTestFinished(() => void server.close())
  await service(here, 'old', { remote: `ccow://127.0.0.1:${here.port}` })
  await once(server.listen(here.port, '127.0.0.1'), 'listening')
  expect((await failures(here, 'old')).failed).toEqual([
    { test: 'peer', outcome: 'fail', text: words.message, hint: words.hint },
  ])
  expect((await failures(here, 'old')).failed).toMatchObject([
    { test: 'peer', text: expect.stringContaining('no efs gateway') },
  ])
})

test('a clock that is off is told from a minute on, and fails from a day on', () => {
  const outcome = (aheadMs: number | undefined) => clockTest(aheadMs).outcome
  expect([0, -LIMITS.clockDriftMsMax, LIMITS.clockDriftMsMax + 1].map(outcome)).toEqual(['pass', 'pass', 'warn'])
  expect([-LIMITS.clockAheadMsMax + 1, LIMITS.clockAheadMsMax, undefined].map(outcome)).toEqual([
    'warn',
    'fail',
    'warn',
  ])
  expect(clockTest(-90_000).text).toBe("the peer's is 90 s behind ours")
  expect(clockTest(-90_000).hint).toMatch(/time server/)
})
