import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { noise, World } from './world.js'

const WRITERS = 4
const FILES = Number(process.env.EFS_TEST_FILES ?? 8000) / WRITERS
const KILL_EVERY_MS = 1000
const BUCKET = 'Hawaii/Cola/bk1'

/** Processes of which one is killed now and then; whoever is killed is started again until it ends by itself. */
class Crowd {
  readonly acknowledged = new Set<string>()
  readonly #running: ChildProcess[] = []
  readonly #heard = new Set<ChildProcess>()
  kills = 0

  constructor(readonly world: World) {}

  async write(part: number): Promise<void> {
    for (;;) {
      const child = this.#start('sync', `./data/${part}`, `${BUCKET}/${part}/`, '--json')
      const ended = once(child, 'exit')
      if (child.stdout === null) throw new Error('the child has no stdout')
      for await (const line of createInterface({ input: child.stdout })) {
        this.#heard.add(child)
        this.#hear(part, line)
      }
      if ((await this.#ended(child, ended)) === 0) return
    }
  }

  /** One collection after the other until the signal; gives how many ended by themselves. */
  async collect(signal: AbortSignal): Promise<number> {
    let whole = 0
    while (!signal.aborted) {
      const child = this.#start('system', 'gc', '--quiet')
      child.stdout?.resume()
      this.#heard.add(child)
      if ((await this.#ended(child, once(child, 'exit'))) === 0) whole++
    }
    return whole
  }

  /** Who has said nothing yet is spared, so that a slow machine gets on too. */
  async kill(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await sleep(KILL_EVERY_MS)
      const victim = this.#running.find((child) => this.#heard.has(child))
      this.#heard.clear()
      if (victim?.kill('SIGKILL')) this.kills++
    }
  }

  #start(...args: string[]): ChildProcess {
    const child = this.world.start(...args)
    child.stderr?.resume()
    this.#running.push(child)
    return child
  }

  /** Its exit status; null where it was killed. @throws where it failed */
  async #ended(child: ChildProcess, ended: Promise<unknown[]>): Promise<number | null> {
    const [status] = await ended
    this.#running.splice(this.#running.indexOf(child), 1)
    if (status !== null && status !== 0) throw new Error(`${child.spawnargs.slice(2).join(' ')} ended with ${status}`)
    return typeof status === 'number' ? status : null
  }

  #hear(part: number, line: string): void {
    if (!line.endsWith('}')) return
    const event: { type: string; key: string; status: string } = JSON.parse(line)
    if (event.type === 'object' && event.status !== 'parked' && !event.key.endsWith('/'))
      this.acknowledged.add(`${part}/${event.key}`)
  }
}

const diskUse = (world: World, home: string): number =>
  Number(world.run('du', '-s', '--block-size=1', home).stdout.split('\t', 1)[0])

test('four processes write, one collects, one is killed each second: nothing acknowledged is missing, nothing is wasted', async () => {
  const world = new World()
  for (let part = 0; part < WRITERS; part++) {
    // Every other file is also another writer's.
    for (let i = 0; i < FILES; i++) {
      const seed = 1 + i + (i % 2) * part * FILES
      world.write(`data/${part}/${i % 20}/${i}`, noise(seed, 6000 + (seed % 61) * 240))
    }
  }
  world.efs('bucket', 'create', BUCKET)
  const crowd = new Crowd(world)
  const stop = new AbortController()
  const others = [crowd.collect(stop.signal), crowd.kill(stop.signal)] as const
  try {
    await Promise.all(Array.from({ length: WRITERS }, (_, part) => crowd.write(part)))
  } finally {
    stop.abort()
  }
  await Promise.all(others)
  expect(crowd.kills).toBeGreaterThan(0)
  const listed = new Set(world.efs('object', 'list', BUCKET).stdout.split('\n'))
  expect([...crowd.acknowledged].filter((key) => !listed.has(key))).toEqual([])
  expect(listed.size - 1).toBe(WRITERS * FILES)
  for (let run = 0; run < 2; run++)
    expect(world.efs('system', 'gc')).toMatchObject({ status: 0, stderr: expect.stringContaining('freed') })
  expect(world.efs('system', 'check', '--read-data')).toMatchObject({ status: 0, stdout: '' })
  for (let part = 0; part < WRITERS; part++)
    expect(world.efs('verify', `./data/${part}`, `${BUCKET}/${part}/`).status).toBe(0)
  world.efs('--home', world.at('fresh'), 'bucket', 'create', BUCKET)
  for (let part = 0; part < WRITERS; part++)
    world.efs('--home', world.at('fresh'), 'sync', `./data/${part}`, `${BUCKET}/${part}/`)
  expect(diskUse(world, 'home') / diskUse(world, 'fresh')).toBeLessThan(1.1)
}, 600_000)
