import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { expect, vi } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { runningGateway } from '../../src/app/gateway/state.js'
import { createService } from '../../src/app/services/services.js'
import { initSystem } from '../../src/app/system/system.js'
import { freePort } from './sites.js'
import { World } from './world.js'

export const WAIT = { timeout: 60_000, interval: 20 }

/** Use-cases on a home of a world: a gateway does not care which process changes what it looks at, and this one is quick. */
export const appOf = (world: World, home: string): App =>
  openApp({ home: world.at(home), config: world.at('config/efs'), note: () => undefined })

/** A world with a service `hawaii`, and no gateway. */
export async function withService(values: Readonly<Record<string, string>>): Promise<World> {
  const world = new World()
  const app = appOf(world, 'home')
  await initSystem(app)
  await createService(app, 'isgw', 'hawaii', { 'X-ISGW-Local': `127.0.0.1:${await freePort()}`, ...values })
  return world
}

/** As `withService`, enabled. */
export const withEnabled = (): Promise<World> => withService({ 'X-Status': 'enabled' })

export const pidOf = (world: World): number => runningGateway(world.at('home'))?.process.pid ?? 0

export function logOf(world: World): string {
  const file = world.at('home/gateway.log')
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}

/** `gateway run` in the foreground, once it runs services. */
export async function running(world: World, ...flags: string[]): Promise<ChildProcess> {
  const gateway = world.start('gateway', 'run', ...flags)
  await vi.waitFor(() => expect(runningGateway(world.at('home'))?.ready).toBe(true), WAIT)
  return gateway
}

/** The exit status that a signal brings about. */
export async function ended(gateway: ChildProcess, signal: NodeJS.Signals): Promise<unknown> {
  const exit = once(gateway, 'exit')
  gateway.kill(signal)
  const [status] = await exit
  return status
}
