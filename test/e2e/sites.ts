import type { ChildProcess } from 'node:child_process'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'vitest'
import { type Ended, World } from './world.js'

export const SECRET = 'test123:test123'

/** A port of 127.0.0.1 that nobody listens on. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      )
    })
  })

const SAID_MAX = 4000

/** One side of a link: a segment, and a gateway that runs in the foreground of a process that the test started. */
export class Site extends World {
  #gateway: ChildProcess | undefined
  /** The end of what the gateway said on stderr. */
  said = ''

  private constructor(
    readonly port: number,
    env: NodeJS.ProcessEnv,
    through: readonly string[],
  ) {
    super(env, through)
  }

  /** As `World`. */
  static async open(env: NodeJS.ProcessEnv = {}, through: readonly string[] = []): Promise<Site> {
    return new Site(await freePort(), env, through)
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Runs `efs`, which has to end with 0. */
  ok(...args: string[]): Ended {
    const ended = this.efs(...args)
    expect(ended, `${args.join(' ')}: ${ended.stdout}${ended.stderr}`).toMatchObject({ status: 0 })
    return ended
  }

  secret(service: string, secret = SECRET): void {
    expect(this.efsReading(`${secret}\n`, 'service', 'config', service, 'X-ISGW-Basic-Auth', '-').status).toBe(0)
  }

  async startGateway(): Promise<void> {
    this.#gateway = this.start('gateway', 'run')
    this.#gateway.stderr?.on('data', (piece: Buffer) => {
      this.said = (this.said + piece.toString()).slice(-SAID_MAX)
    })
    this.#gateway.stdout?.resume()
    await eventually(() => this.efs('gateway', 'status').status === 0)
  }

  /** Ends the gateway in the way of a power cut, or in its own. */
  async endGateway(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    const gateway = this.#gateway
    this.#gateway = undefined
    if (gateway === undefined || gateway.exitCode !== null) return
    const ended = new Promise((resolve) => gateway.once('exit', resolve))
    gateway.kill(signal)
    await ended
  }

  get gatewayPid(): number {
    const pid = this.#gateway?.pid
    if (pid === undefined) throw new Error('no gateway was started')
    return pid
  }
}

/** @throws when it did not come true within a minute */
export async function eventually(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (isTrue()) return
    await delay(100)
  }
  throw new Error('it did not come true')
}
