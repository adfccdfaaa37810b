import { mkdir } from 'node:fs/promises'
import { EfsError } from '../../base/errors.js'
import { loadWire } from '../../link/client/wire.js'
import type { Segment } from '../../model/segment.js'
import { StatsStore } from '../../stats/store.js'
import { homePaths } from '../../store/home.js'
import type { App } from '../app.js'
import { readDefinitions } from './definitions.js'
import { gatewayFiles } from './files.js'
import { FolderWatch } from './folder-watch.js'
import { type GatewayLog, openLog } from './log.js'
import { LogFile } from './log-file.js'
import { defaultRunners, type Runners } from './runners.js'
import { openShared, type SharedSegment } from './shared-segment.js'
import { claimGateway, type GatewayState, releaseGateway, tellReady } from './state.js'
import { pause, Streak } from './streak.js'
import { Supervisor } from './supervisor.js'

export interface RunOptions {
  /** Of this program. */
  readonly version: string
  /** Hears each line of the log, with its newline, beside the file. */
  readonly tell: (line: string) => void
  /** Ends it. */
  readonly signal: AbortSignal
  /** Where not given: what each type of service does. */
  readonly runners?: Runners
}

/**
 * Is the gateway of a segment until `signal` is aborted; then all services stop, and their numbers are saved.
 * @throws CONFLICT where another one runs; NOT_FOUND where no segment is, or it is gone; NEWER_FORMAT, CORRUPT, REFUSED
 */
export async function runGateway(app: App, options: RunOptions): Promise<void> {
  const shared = await openShared(app.home, app.clock)
  let gateway: Gateway
  try {
    const mine = await claimGateway(shared.segment, { version: options.version, startedMs: app.clock.nowMs() })
    gateway = await openGateway(app, options, mine)
  } catch (error) {
    await releaseGateway(shared.segment)
    await shared.segment.close()
    throw error
  }
  await gateway.run(shared)
}

async function openGateway(app: App, options: RunOptions, mine: GatewayState): Promise<Gateway> {
  await loadWire()
  const file = LogFile.open(app.home)
  const log = await openLog(app.clock, (line) => {
    file.write(line)
    options.tell(line)
  })
  const unsaved = new Streak({ log, clock: app.clock, what: 'saving numbers' })
  const stats = await StatsStore.open({
    folder: gatewayFiles(app.home).stats,
    clock: app.clock,
    saved: () => unsaved.well(),
    failed: (error) => unsaved.failed(error),
    unread: (service, error) => log.of(service).warn('its numbers cannot be read, and begin anew', error),
  })
  return new Gateway({
    app,
    mine,
    log,
    file,
    stats,
    signal: options.signal,
    runners: options.runners ?? defaultRunners(app),
  })
}

interface GatewayParts {
  readonly app: App
  readonly mine: GatewayState
  readonly log: GatewayLog
  readonly file: LogFile
  readonly stats: StatsStore
  readonly signal: AbortSignal
  readonly runners: Runners
}

class Gateway {
  constructor(readonly parts: GatewayParts) {}

  /** Takes the open segment over, and closes what it has opened in its place. */
  async run(first: SharedSegment): Promise<void> {
    const { log, file, stats, signal, mine } = this.parts
    log.info(`gateway ${mine.version} started for segment ${mine.segment}`)
    const breaksDown = (error: unknown): void => log.error('gateway breaks down', error)
    process.on('uncaughtExceptionMonitor', breaksDown)
    try {
      let shared: SharedSegment | undefined = first
      while (shared !== undefined) {
        await this.#serve(shared)
        shared = signal.aborted ? undefined : await this.#reopened()
      }
      log.info('gateway stopped')
    } catch (error) {
      log.error('gateway ended', error)
      throw error
    } finally {
      process.off('uncaughtExceptionMonitor', breaksDown)
      await stats.close()
      file.close()
    }
  }

  /** Runs the services of one open segment until they are to stop, or it is to be opened again; it is closed then. */
  async #serve(shared: SharedSegment): Promise<void> {
    const { app, log, stats, signal, runners } = this.parts
    const { segment } = shared
    const { services, peers } = homePaths(app.home)
    const supervisor = new Supervisor({ segment, runners, stats, log, clock: app.clock })
    const watch = new FolderWatch([services, peers, app.config])
    try {
      await mkdir(services, { recursive: true })
      const update = this.#updater(shared, supervisor)
      await update()
      await this.#begun(segment, supervisor)
      while (!signal.aborted && (await update())) await watch.next(signal)
    } finally {
      watch.close()
      for (const name of await supervisor.stop()) log.of(name).warn('it has not stopped in time')
      await this.#close(shared)
    }
  }

  /** Brings what runs in line with what is defined; false where the segment is to be opened again instead. */
  #updater({ segment, isStale }: SharedSegment, supervisor: Supervisor): () => Promise<boolean> {
    const { app, log } = this.parts
    const streak = new Streak({ log, clock: app.clock, what: 'looking at what is to run' })
    const unadopted = segment.unadopted ? isUnadopted(app.home) : undefined
    if (unadopted !== undefined) log.warn('services wait', unadopted)
    return async () => {
      try {
        if (isStale()) return false
        supervisor.update(await readDefinitions(app, segment), unadopted?.message)
        streak.well()
      } catch (error) {
        // What runs goes on: a home that cannot be read now may be later, one that is gone may not.
        if (error instanceof EfsError && error.code === 'NOT_FOUND') throw error
        streak.failed(error)
      }
      return true
    }
  }

  /** Whoever is told that it has begun finds how each service is. */
  async #begun(segment: Segment, supervisor: Supervisor): Promise<void> {
    await supervisor.placed()
    await this.parts.stats.flush()
    await tellReady(segment, this.parts.mine)
  }

  /** As the gateway still where it only opens the segment again. */
  async #close({ segment }: SharedSegment): Promise<void> {
    const { log, signal } = this.parts
    try {
      if (signal.aborted) await releaseGateway(segment)
      await segment.close()
    } catch (error) {
      log.error('the segment was not closed cleanly', error)
    }
  }

  /** The segment as it is now; undefined where the gateway is to stop first. @throws NOT_FOUND where it is gone */
  async #reopened(): Promise<SharedSegment | undefined> {
    const { app, log, signal } = this.parts
    log.info('the home was repaired, restored or adopted: opening it again')
    const streak = new Streak({ log, clock: app.clock, what: 'opening the segment' })
    while (!signal.aborted) {
      try {
        const shared = await this.#openedAgain()
        streak.well()
        return shared
      } catch (error) {
        if (error instanceof EfsError && (error.code === 'NOT_FOUND' || error.code === 'CONFLICT')) throw error
        const { nextTryMs } = streak.failed(error)
        await pause((nextTryMs ?? 0) - app.clock.nowMs(), signal)
      }
    }
    return undefined
  }

  async #openedAgain(): Promise<SharedSegment> {
    const { app, mine } = this.parts
    const shared = await openShared(app.home, app.clock)
    try {
      await claimGateway(shared.segment, mine)
      return shared
    } catch (error) {
      await shared.segment.close()
      throw error
    }
  }
}

const isUnadopted = (home: string): EfsError =>
  new EfsError('CONFLICT', `${home} was copied, moved or restored, and nobody has said yet which`, {
    hint: `efs --home ${home} system adopt --moved (there is no other) or --copied (the other one lives on too)`,
  })
