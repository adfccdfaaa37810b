import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync } from 'node:fs'
import { type AddressInfo, createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { BUCKET, efsIn } from './tools.js'

export const SECRET = 'bench:bench'

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A segment with one bucket and a gateway in the foreground of a process that this one ends. */
export class BenchSite {
  #gateway: ChildProcess | undefined

  private constructor(
    readonly home: string,
    readonly port: number,
  ) {}

  /** With a service that lets peers in. */
  static async make(home: string, bucketOptions: readonly string[] = []): Promise<BenchSite> {
    mkdirSync(home, { recursive: true })
    const site = new BenchSite(home, await freePort())
    site.efs('bucket', 'create', BUCKET, ...bucketOptions)
    site.efs('service', 'create', 'isgw', 'door', '--local', site.address, '--direction', 'both')
    site.secret('door')
    site.efs('service', 'enable', 'door', '--no-start')
    return site
  }

  get address(): string {
    return `127.0.0.1:${this.port}`
  }

  /** Keeps the bucket the same at another one. */
  linkTo(other: BenchSite, name = 'hawaii'): void {
    this.efs('service', 'create', 'isgw', name, '--remote', `ccow://${other.address}`, '--direction', 'both')
    this.secret(name)
    this.efs('bucket', 'attach', BUCKET, name)
    this.efs('service', 'enable', name, '--no-start')
  }

  efs(...args: readonly string[]): void {
    this.#run('', args)
  }

  secret(service: string): void {
    this.#run(`${SECRET}\n`, ['service', 'config', service, 'X-ISGW-Basic-Auth', '-'])
  }

  async start(): Promise<void> {
    const [program = '', ...args] = efsIn(this.home, 'gateway', 'run', '--quiet')
    this.#gateway = spawn(program, args, { stdio: 'ignore', env: this.#env })
    for (;;) {
      const [status = '', ...asked] = efsIn(this.home, 'gateway', 'status', '--json')
      if (spawnSync(status, asked, { env: this.#env }).status === 0) return
      await delay(100)
    }
  }

  get pid(): number {
    if (this.#gateway?.pid === undefined) throw new Error('no gateway was started')
    return this.#gateway.pid
  }

  async stop(): Promise<void> {
    if (this.#gateway === undefined || this.#gateway.exitCode !== null) return
    const ended = once(this.#gateway, 'exit')
    this.#gateway.kill()
    await ended
  }

  /** Nothing of the user's own settings is read or written. */
  get #env(): NodeJS.ProcessEnv {
    return { ...process.env, EFS_KEYRING: '0', XDG_CONFIG_HOME: `${this.home}-config` }
  }

  #run(input: string, args: readonly string[]): void {
    const [program = '', ...all] = efsIn(this.home, '--quiet', ...args)
    const { status, stderr } = spawnSync(program, all, { input, encoding: 'utf8', env: this.#env })
    if (status !== 0) throw new Error(`efs ${args.join(' ')}: ${stderr}`)
  }
}
