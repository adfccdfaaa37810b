import { closeSync, existsSync, fstatSync, openSync, readSync, statSync } from 'node:fs'
import { ifThere } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { compareKeys } from '../../model/key.js'
import { readIdentity } from '../../store/identity.js'
import type { App } from '../app.js'
import { serviceNames } from '../live-names.js'
import { noService } from '../services/files.js'
import { gatewayFiles } from './files.js'
import { pause } from './streak.js'

/** One line of a gateway's log. */
export interface LogLine {
  /** As it stands in the file, without its end. */
  readonly text: string
  /** Undefined where it is not one that a gateway wrote as such. */
  readonly fields: LogFields | undefined
}

export interface LogFields {
  readonly level: string
  /** ISO 8601. */
  readonly time: string
  readonly msg: string
  readonly service?: string
  readonly hint?: string
}

export interface LogRequest {
  /** So many of the last lines. */
  readonly lines: number
  readonly service?: string
}

const FOLLOW_MS = 200

/** Whether a gateway has run here. @throws NOT_FOUND where no segment is */
export function hasLog({ home }: Pick<App, 'home'>): boolean {
  readIdentity(home)
  return existsSync(gatewayFiles(home).log)
}

/**
 * The last lines, oldest first, and with `follow` those that come after them, until that is aborted.
 * @throws NOT_FOUND where no segment is, and for a service that is neither there nor in the log
 */
export async function* logLines(
  { home }: Pick<App, 'home'>,
  request: LogRequest,
  follow?: AbortSignal,
): AsyncGenerator<LogLine> {
  readIdentity(home)
  const { log, olderLog } = gatewayFiles(home)
  const isOf = ({ fields }: LogLine): boolean => request.service === undefined || fields?.service === request.service
  const older = Tail.textOf(olderLog)
  let tail = Tail.at(log)
  try {
    const lines = linesOf(`${older}${tail?.read() ?? ''}`)
    if (request.service !== undefined) requireKnown(request.service, home, lines)
    yield* lines.filter(isOf).slice(-request.lines)
    while (follow?.aborted === false) {
      await pause(FOLLOW_MS, follow)
      const isCurrent = tail?.isCurrent() === true
      yield* linesOf(tail?.read() ?? '').filter(isOf)
      if (isCurrent) continue
      tail?.close()
      tail = Tail.at(log)
    }
  } finally {
    tail?.close()
  }
}

/** One that was deleted is known as long as the log tells of it. @throws NOT_FOUND */
function requireKnown(service: string, home: string, lines: readonly LogLine[]): void {
  const names = new Set([...serviceNames(home), ...lines.flatMap(({ fields }) => fields?.service ?? [])])
  if (!names.has(service)) throw noService(service, [...names].sort(compareKeys))
}

/** A line as it is read: of JSON, or what else the process said. */
export function logLine(text: string): LogLine {
  try {
    const { level, time, msg, service, hint }: Readonly<Record<string, unknown>> = JSON.parse(text)
    if (typeof msg !== 'string') return { text, fields: undefined }
    const more = { ...(typeof service === 'string' ? { service } : {}), ...(typeof hint === 'string' ? { hint } : {}) }
    return { text, fields: { level: String(level), time: String(time), msg, ...more } }
  } catch {
    return { text, fields: undefined }
  }
}

const linesOf = (text: string): LogLine[] =>
  text.split('\n').flatMap((line) => (line === '' ? [] : [logLine(line.slice(0, LIMITS.gatewayLineBytesMax))]))

/** A file that grows, and may be renamed meanwhile. */
class Tail {
  #rest: Buffer = Buffer.alloc(0)

  #position = 0

  private constructor(
    readonly path: string,
    readonly file: number,
  ) {}

  /** From its start; undefined where there is no such file. */
  static at(path: string): Tail | undefined {
    return ifThere(() => new Tail(path, openSync(path, 'r')))
  }

  /** All whole lines of a file; none where there is no such file. */
  static textOf(path: string): string {
    const tail = Tail.at(path)
    try {
      return tail?.read() ?? ''
    } finally {
      tail?.close()
    }
  }

  /** Whole lines that have come since the last time. */
  read(): string {
    const parts = [this.#rest]
    const buffer = Buffer.allocUnsafe(64 * 1024)
    for (let got = -1; got !== 0; ) {
      got = readSync(this.file, buffer, 0, buffer.length, this.#position)
      this.#position += got
      parts.push(Buffer.from(buffer.subarray(0, got)))
    }
    const all = Buffer.concat(parts)
    const end = all.lastIndexOf(0x0a) + 1
    this.#rest = all.subarray(end)
    return all.toString('utf8', 0, end)
  }

  /** Whether the name still stands for this file, and that has not been cut short. */
  isCurrent(): boolean {
    const now = statSync(this.path, { throwIfNoEntry: false })
    return now !== undefined && now.ino === fstatSync(this.file).ino && now.size >= this.#position
  }

  close(): void {
    closeSync(this.file)
  }
}
