import { EfsError, type ErrorCode, systemCode, systemText } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { visible } from './text/visible.js'

interface Refusal {
  readonly code: ErrorCode
  readonly hint: string
}

const NO_PATH: Refusal = { code: 'NOT_FOUND', hint: 'check the path' }
const NO_RIGHT: Refusal = { code: 'REFUSED', hint: 'look at its owner and mode, or use another user' }
const NO_ROOM: Refusal = { code: 'DISK_FULL', hint: 'make room and run again' }
const NO_FILES: Refusal = { code: 'IO', hint: 'allow more open files with ulimit -n and run again' }

/** What the operating system's refusals are called here, and what to do about each. */
const SYSTEM: Readonly<Record<string, Refusal>> = {
  ENOENT: NO_PATH,
  ENOTDIR: NO_PATH,
  EACCES: NO_RIGHT,
  EPERM: NO_RIGHT,
  EROFS: { code: 'REFUSED', hint: 'mount it for writing and run again' },
  ENOSPC: NO_ROOM,
  EDQUOT: NO_ROOM,
  EIO: { code: 'IO', hint: 'look at the disk' },
  EMFILE: NO_FILES,
  ENFILE: NO_FILES,
}

/** Any failure as one of the error table's. */
export function asEfsError(error: unknown, signal: AbortSignal): EfsError {
  if (error instanceof EfsError) return unwrapped(error)
  if (signal.aborted)
    return new EfsError('INTERRUPTED', 'interrupted', {
      hint: 'what was done is kept; run it again to go on',
      cause: error,
    })
  if (isParseError(error)) return new EfsError('USAGE', parseMessage(error), { hint: parseHint(error), cause: error })
  const refusal = SYSTEM[systemCode(error) ?? '']
  if (refusal !== undefined && error instanceof Error)
    return new EfsError(refusal.code, systemText(error), { hint: refusal.hint, cause: error })
  const text = error instanceof Error ? firstLine(error.message) : String(error)
  return new EfsError('FAILED', text, { hint: 'run it again with --verbose to see where', cause: error })
}

/** oclif puts words of its own around what is wrong with the value of a flag. */
function unwrapped(error: EfsError): EfsError {
  const [, flag, what] = /^Parsing (--\S+) \n\t(.*)\nSee more help/.exec(error.message) ?? []
  return what === undefined ? error : new EfsError(error.code, `${flag}: ${what}`, { hint: error.hint, cause: error })
}

interface ParseError extends Error {
  readonly parse?: { readonly input?: { readonly flags?: Readonly<Record<string, unknown>> } }
  /** What was typed and is no flag. */
  readonly flags?: readonly string[]
  /** What is missing, or what was typed and is too much. */
  readonly args?: readonly (string | { readonly name: string; readonly description?: string })[]
}

/** oclif marks what it throws itself, and while a command runs it only parses. */
export const isParseError = (error: unknown): error is ParseError => error instanceof Error && 'oclif' in error

/**
 * oclif explains over several lines; the first says what is wrong, the second names what is missing. Of a flag that is none only the
 * name is repeated: its value may be a secret.
 */
function parseMessage(error: ParseError): string {
  const { flags = [], args = [] } = error
  const absent = args.flatMap((arg) => (typeof arg === 'string' ? [] : [arg]))
  if (absent.length > 0) return missingText(absent)
  const message = flags.reduce((text, flag) => text.replaceAll(flag, /^[\w-]*/.exec(flag)?.[0] ?? ''), error.message)
  const lines = message.split('\n').map((line) => line.trim().replace(/\s+/g, ' '))
  const told = lines.filter((line) => line !== '' && !/^(?:See more help|The following errors? occurred)/.test(line))
  return told
    .slice(0, 2)
    .join(' ')
    .replace(/^[A-Z]/, (letter) => letter.toLowerCase())
}

const missingText = (args: readonly { readonly name: string; readonly description?: string }[]): string =>
  args.length === 1
    ? `missing 1 required arg: ${args.map(({ name, description }) => `${name} (${description})`).join('')}`
    : `missing ${args.length} required args: ${args.map(({ name }) => name).join(', ')}`

function parseHint({ flags = [], parse }: ParseError): string {
  const known = Object.keys(parse?.input?.flags ?? {}).map((name) => `--${name}`)
  const close = flags.length === 1 ? nearest(flags[0] ?? '', known) : undefined
  return close === undefined ? 'add --help to see how it is used' : `did you mean ${close}?`
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Two lines for people: what happened, what to do. Both may hold what was typed, or names of somebody else. */
export const errorText = ({ message, hint }: EfsError): string =>
  hint === undefined ? `efs: ${visible(message)}\n` : `efs: ${visible(message)}\n     ${visible(hint)}\n`

/** For machines: a document, a line after events, or the end of a document that was begun. */
export const errorDocument = ({ code, message, hint, exit }: EfsError) => ({
  error: { code, message, hint: hint ?? null, exit },
})
