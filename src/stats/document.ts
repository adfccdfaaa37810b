import { ERRORS, type ErrorCode } from '../base/errors.js'
import { type Fields, fieldsOrNone, jsonOf } from '../base/json-fields.js'
import { LIMITS } from '../base/limits.js'
import type { LinkError, ServedStats, ServiceNumbers, ServiceReport } from '../model/service.js'
import { SERVICE_STATES } from '../model/service.js'
import { parseFlowNotes } from './flow-notes.js'
import { NEVER_RUN, NO_NUMBERS } from './never-run.js'

/** The text of the file that holds the numbers of a service. */
export const numbersDocument = ({ report, served, flows }: ServiceNumbers): string =>
  `${JSON.stringify({ report, served: Object.fromEntries(served), flows })}\n`

/** What is there and means something is taken, for the rest stands what stood there before the first run: another efs may have written it. */
export function parseNumbers(text: string): ServiceNumbers {
  const { report, served, flows } = fieldsOrNone(jsonOf(text))
  const paths = Object.entries(fieldsOrNone(served)).slice(0, LIMITS.statsPathsMax)
  if (report === undefined && paths.length === 0) return NO_NUMBERS
  return {
    report: reportOf(report),
    served: new Map(paths.map(([path, stats]) => [path, statsOf(fieldsOrNone(stats))])),
    flows: parseFlowNotes(flows),
  }
}

function reportOf(value: unknown): ServiceReport | null {
  const { state, sinceMs, listening, peers, lastError } = fieldsOrNone(value)
  const known = SERVICE_STATES.find((one) => one === state)
  if (known === undefined) return null
  return {
    state: known,
    sinceMs: numberOr(sinceMs, 0),
    listening: textsOf(listening),
    peers: textsOf(peers),
    lastError: errorOf(lastError),
  }
}

/** Every field of its own kind, by the kinds of `NEVER_RUN`. */
function statsOf(fields: Fields): ServedStats {
  const counts = Object.entries(NEVER_RUN).flatMap(([name, none]) =>
    typeof none === 'number' ? [[name, numberOr(fields[name], none)]] : [],
  )
  const behind = fieldsOrNone(fields.behind)
  return {
    ...NEVER_RUN,
    ...Object.fromEntries(counts),
    mode: oneOf(fields.mode, [0, 1, 2] as const) ?? NEVER_RUN.mode,
    timestampMs: numberOr(fields.timestampMs, null),
    status: oneOf(fields.status, ['idle', 'active'] as const),
    state: oneOf(fields.state, ['initial', 'continuous', 'paused'] as const),
    behind: {
      objects: numberOr(behind.objects, 0),
      bytes: numberOr(behind.bytes, 0),
      oldestMs: numberOr(behind.oldestMs, null),
      ...(behind.capped === true ? { capped: true } : {}),
    },
    lastSuccessMs: numberOr(fields.lastSuccessMs, null),
    lastError: errorOf(fields.lastError),
  }
}

function errorOf(value: unknown): LinkError | null {
  const { atMs, message, code, nextTryMs } = fieldsOrNone(value)
  if (typeof message !== 'string') return null
  const known = oneOf(code, CODES)
  return {
    atMs: numberOr(atMs, 0),
    message,
    ...(known && { code: known }),
    nextTryMs: numberOr(nextTryMs, null),
  }
}

const CODES = Object.keys(ERRORS) as ErrorCode[]

const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []

function numberOr<T>(value: unknown, none: T): number | T {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : none
}

const oneOf = <T>(value: unknown, all: readonly T[]): T | null => all.find((one) => one === value) ?? null
