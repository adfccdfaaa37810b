import type { LogLine } from '../../app/gateway/read-log.js'

/** `2026-11-24T14:25:35.118Z warn  hawaii: it failed (what to do)`; what is no line of a log stands as it is. */
export function logText({ text, fields }: LogLine): string {
  if (fields === undefined) return `${text}\n`
  const { time, level, service, msg, hint } = fields
  const about = service === undefined ? '' : `${service}: `
  const todo = hint === undefined ? '' : ` (${hint})`
  return `${time} ${level.padEnd(5)} ${about}${msg}${todo}\n`
}

/** As an event: the line as it is in the log, or what else was said there. */
export const logEvent = ({ text, fields }: LogLine): string =>
  fields === undefined ? `${JSON.stringify({ type: 'line', msg: text })}\n` : `{"type":"line",${text.slice(1)}\n`
