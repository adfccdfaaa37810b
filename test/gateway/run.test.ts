import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test, vi } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { runGateway } from '../../src/app/gateway/run.js'
import { runningGateway } from '../../src/app/gateway/state.js'
import { gatewayStatus } from '../../src/app/gateway/status.js'
import { disableService } from '../../src/app/services/enabling.js'
import { createService, deleteService } from '../../src/app/services/services.js'
import { serve, unserve } from '../../src/app/services/serving.js'
import { showService } from '../../src/app/services/shown.js'
import { initSystem } from '../../src/app/system/system.js'
import { FakeRunner } from './fake-runner.js'

const BUCKET = 'Hawaii/Cola/bk1'
const WAIT = { timeout: 30_000, interval: 20 }

/** A home with the service `hawaii`, enabled, that serves one bucket. */
async function newApp(): Promise<App> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-gateway-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const app = openApp({ home: path.join(dir, 'home'), config: path.join(dir, 'config'), note: () => undefined })
  await initSystem(app)
  await createService(app, 'isgw', 'hawaii', { 'X-Status': 'enabled' })
  await serve(app, { service: 'hawaii', path: BUCKET, pause: false, create: false })
  return app
}

interface Run {
  readonly runner: FakeRunner
  end(): Promise<void>
}

/** A gateway in this process, which does the work of a runner that does nothing. */
async function started(app: App): Promise<Run> {
  const stop = new AbortController()
  const runner = new FakeRunner()
  const done = runGateway(app, { version: '1', tell: () => undefined, signal: stop.signal, runners: { isgw: runner } })
  await vi.waitFor(() => expect(runningGateway(app.home)?.ready).toBe(true), WAIT)
  return {
    runner,
    end: () => {
      stop.abort()
      return done
    },
  }
}

const requestsOf = async (app: App): Promise<(number | undefined)[]> =>
  (await showService(app, 'hawaii', { stats: true })).served.map(({ stats }) => stats?.requests)

const fileOf = (app: App): string => path.join(app.home, 'stats', 'hawaii.json')

test('what a service counts is shown, and goes on after the gateway was stopped', async () => {
  const app = await newApp()
  expect(await requestsOf(app)).toEqual([0])
  for (const total of [5, 10]) {
    const { runner, end } = await started(app)
    const numbers = runner.contexts[0]?.numbers
    numbers?.count(BUCKET, { requests: 5 })
    numbers?.set(BUCKET, { status: 'active', sendThroughput: 9 })
    numbers?.report({ listening: ['127.0.0.1:14000'], peers: ['hawaii-r'] })
    await vi.waitFor(async () => expect(await requestsOf(app)).toEqual([total]), WAIT)
    const status = await gatewayStatus(app)
    expect(status).toMatchObject({ running: true, pid: process.pid, listening: ['127.0.0.1:14000'] })
    expect(status.services).toMatchObject([{ name: 'hawaii', state: 'running', peers: ['hawaii-r'] }])
    await end()
    expect(runner.calls).toEqual(['start hawaii', 'stop hawaii'])
    expect(existsSync(path.join(app.home, 'run', 'gateway.json'))).toBe(false)
    const shown = await showService(app, 'hawaii', { stats: true })
    expect(shown.served[0]?.stats).toMatchObject({ requests: total, status: 'stale', sendThroughput: 0 })
  }
})

test('a path that is detached loses its numbers, and a service that is deleted all', async () => {
  const app = await newApp()
  const attach = () => serve(app, { service: 'hawaii', path: BUCKET, pause: false, create: false })
  const { runner, end } = await started(app)
  runner.contexts[0]?.numbers.count(BUCKET, { requests: 5 })
  await vi.waitFor(async () => expect(await requestsOf(app)).toEqual([5]), WAIT)
  await unserve(app, 'hawaii', BUCKET)
  await vi.waitFor(() => expect(runner.calls).toEqual(['start hawaii', 'stop hawaii', 'start hawaii']), WAIT)
  await attach()
  await vi.waitFor(() => expect(runner.contexts.length).toBe(3), WAIT)
  await vi.waitFor(async () => expect(await requestsOf(app)).toEqual([0]), WAIT)
  runner.contexts[2]?.numbers.count(BUCKET, { requests: 2 })
  await end()
  expect(await requestsOf(app)).toEqual([2])
  await unserve(app, 'hawaii', BUCKET)
  await attach()
  expect(await requestsOf(app)).toEqual([0])
  expect(existsSync(fileOf(app))).toBe(true)
  await unserve(app, 'hawaii', BUCKET)
  await disableService(app, 'hawaii')
  await deleteService(app, 'hawaii')
  expect(existsSync(fileOf(app))).toBe(false)
})

test('a service that is deleted while a gateway runs leaves no numbers', async () => {
  const app = await newApp()
  const { runner, end } = await started(app)
  await unserve(app, 'hawaii', BUCKET)
  await disableService(app, 'hawaii')
  await deleteService(app, 'hawaii')
  await vi.waitFor(() => expect(runner.running).toEqual([]), WAIT)
  await end()
  expect(existsSync(fileOf(app))).toBe(false)
})

test('one that is told to stop before it has begun still leaves everything in order', async () => {
  const app = await newApp()
  const runner = new FakeRunner()
  const signal = AbortSignal.abort()
  await runGateway(app, { version: '1', tell: () => undefined, signal, runners: { isgw: runner } })
  expect(runner.running).toEqual([])
  expect(runningGateway(app.home)).toBeUndefined()
  await (await started(app)).end()
})
