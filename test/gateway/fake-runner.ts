import type { RunningService, ServiceContext, ServiceRunner } from '../../src/app/gateway/runner.js'
import type { Service } from '../../src/model/service.js'

/** A runner that does nothing, and remembers what was asked of it. */
export class FakeRunner implements ServiceRunner {
  /** `start NAME` and `stop NAME`, in order. */
  readonly calls: string[] = []
  readonly contexts: ServiceContext[] = []
  /** Services that fail as soon as they are started. */
  readonly broken = new Map<string, Error>()
  /** Services that do not stop. */
  readonly stuck = new Set<string>()
  readonly #running = new Map<string, (why: Error) => void>()

  start(service: Service, context: ServiceContext): RunningService {
    const { name } = service
    this.calls.push(`start ${name}`)
    this.contexts.push(context)
    const broken = this.broken.get(name)
    if (broken !== undefined) throw broken
    const done = new Promise<void>((_, reject) => this.#running.set(name, reject))
    context.numbers.report({ state: 'running' })
    return { up: Promise.resolve(), done, stop: () => this.#stop(name) }
  }

  /** A service that runs fails now. */
  fail(name: string, why: Error): void {
    this.#running.get(name)?.(why)
  }

  get running(): string[] {
    return [...this.#running.keys()].sort()
  }

  #stop(name: string): Promise<void> {
    if (this.stuck.has(name)) return new Promise(() => undefined)
    this.calls.push(`stop ${name}`)
    this.#running.delete(name)
    return Promise.resolve()
  }
}
