import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { BenchSite, freePort, SECRET } from './gateways.js'
import { type Measured, measure } from './measure.js'
import { BUCKET, efsIn, type Tool } from './tools.js'

/** The other side of a tool, in a process of its own on this machine. */
interface Server {
  /** Timed: takes a folder to it. */
  readonly take: (source: string) => readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Not timed, once it is there. */
  readonly setup: readonly (readonly string[])[]
  stop(): Promise<void>
}

/** One timed run over loopback, into a fresh `target`. */
export async function overLink(
  start: (target: string) => Promise<Server>,
  source: string,
  target: string,
  setUp: (commands: readonly (readonly string[])[], env: Readonly<Record<string, string>>) => void,
): Promise<Measured> {
  mkdirSync(target, { recursive: true })
  const server = await start(target)
  try {
    setUp(server.setup, server.env)
    return await measure(server.take(source), server.env, target)
  } finally {
    await server.stop()
  }
}

export const efsServer =
  (options: readonly string[]) =>
  async (target: string): Promise<Server> => {
    const site = await BenchSite.make(target, options)
    await site.start()
    return {
      take: (source) => efsIn(`${target}-none`, 'sync', source, `ccow://${site.address}/${BUCKET}`),
      env: { EFS_REMOTE_AUTH: SECRET, EFS_KEYRING: '0' },
      setup: [],
      stop: () => site.stop(),
    }
  }

export async function rsyncServer(target: string): Promise<Server> {
  const [port, config] = [await freePort(), `${target}.conf`]
  writeFileSync(config, `use chroot = no\nuid = 0\ngid = 0\n[data]\npath = ${target}\nread only = no\n`)
  const daemon = ['rsync', '--daemon', '--no-detach', '--address', '127.0.0.1', '--port', `${port}`, '--config', config]
  const take = (source: string): string[] => ['rsync', '-a', `${source}/`, `rsync://127.0.0.1:${port}/data/`]
  return { take, env: {}, setup: [], stop: await started(daemon, port) }
}

export async function webdavServer(target: string): Promise<Server> {
  const port = await freePort()
  const take = (source: string): string[] => {
    const there = `:webdav,url="http://127.0.0.1:${port}":`
    return ['rclone', 'copy', '--config', '/dev/null', source, there]
  }
  return { take, env: {}, setup: [], stop: await started(rcloneServes('webdav', target, port), port) }
}

export async function restServer(target: string): Promise<Server> {
  const port = await freePort()
  const repository = `rest:http://127.0.0.1:${port}/`
  return {
    take: (source) => ['restic', 'backup', '-q', '--no-cache', '-r', repository, source],
    env: { RESTIC_PASSWORD: 'bench' },
    setup: [['restic', 'init', '--no-cache', '-q', '-r', repository]],
    stop: await started(rcloneServes('restic', target, port), port),
  }
}

const rcloneServes = (what: string, target: string, port: number): string[] => [
  ...['rclone', 'serve', what, '--config', '/dev/null', '--addr', `127.0.0.1:${port}`, target],
]

/** Settles when the port answers; what is returned ends the process. */
async function started([program = '', ...args]: readonly string[], port: number): Promise<() => Promise<void>> {
  const child = spawn(program, args, { stdio: 'ignore' })
  const failed = once(child, 'error').then(([error]) => Promise.reject(error))
  failed.catch(() => undefined)
  while (!(await Promise.race([answers(port), failed]))) await delay(50)
  return () => ended(child)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
  })
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return
  const exit = once(child, 'exit')
  child.kill()
  await exit
}

/** Each with how it is started; its name is what a row prints. */
export const LINKED: ReadonlyMap<Tool, (target: string) => Promise<Server>> = new Map(
  (
    [
      ['efs', efsServer([])],
      ['efs, compression off', efsServer(['-o', 'compression=off'])],
      ['rsync daemon', rsyncServer],
      ['rclone to webdav', webdavServer],
      ['restic to rest', restServer],
    ] as const
  ).map(([name, start]) => [{ name, env: {}, setup: () => [], take: () => [] }, start]),
)
