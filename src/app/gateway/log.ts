import type { Clock } from '../../base/clock.js'
import { EfsError, systemCode, systemText } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

/** Where a gateway says what happens. Lines are for people, in one sentence, without secrets. */
export interface GatewayLog {
  info(line: string): void
  /** `error` adds its words, its code and what to do. */
  warn(line: string, error?: unknown): void
  error(line: string, error?: unknown): void
  /** The same log, for what is about that service. */
  of(service: string): GatewayLog
}

/** Lines of JSON, each with its newline, to `write`. */
export async function openLog(clock: Clock, write: (line: string) => void): Promise<GatewayLog> {
  const { pino } = await import('pino')
  const root = pino(
    {
      base: { pid: process.pid },
      timestamp: () => `,"time":"${new Date(clock.nowMs()).toISOString()}"`,
      formatters: { level: (level) => ({ level }) },
    },
    { write },
  )
  return logOf(root)
}

/** What is used of pino's logger. */
interface Lines {
  info(fields: object, line: string): void
  warn(fields: object, line: string): void
  error(fields: object, line: string): void
  child(fields: { readonly service: string }): Lines
}

const logOf = (lines: Lines): GatewayLog => ({
  info: (line) => lines.info({}, bounded(line)),
  warn: (line, error) => lines.warn(fieldsOf(error), worded(line, error)),
  error: (line, error) => lines.error(fieldsOf(error), worded(line, error)),
  of: (service) => logOf(lines.child({ service })),
})

/** What an error says to people: nothing else of it is passed on. */
export function wordsOf(error: unknown): string {
  const isOfSystem = error instanceof Error && !(error instanceof EfsError) && systemCode(error) !== undefined
  const text = isOfSystem ? systemText(error) : error instanceof Error ? error.message : String(error)
  return bounded(text.split('\n', 1)[0] ?? '')
}

const worded = (line: string, error: unknown): string =>
  bounded(error === undefined ? line : `${line}: ${wordsOf(error)}`)

function fieldsOf(error: unknown): object {
  if (!(error instanceof EfsError)) return {}
  const { code, hint } = error
  return hint === undefined ? { code } : { code, hint: bounded(hint) }
}

const bounded = (text: string): string => text.slice(0, LIMITS.lineBytesMax)
