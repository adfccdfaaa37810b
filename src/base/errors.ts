/**
 * Every failure that efs can name. The exit status is what scripts see (docs/errors.md), the HTTP status is what
 * a peer sees, `retry` says whether the same call may succeed later without anybody acting.
 */
export const ERRORS = {
  FAILED: { exit: 1, status: 500, retry: false },
  NOT_EQUAL: { exit: 1, status: 409, retry: false },
  NEWER_FORMAT: { exit: 1, status: 409, retry: false },
  DISK_FULL: { exit: 1, status: 507, retry: true },
  IO: { exit: 1, status: 500, retry: true },
  USAGE: { exit: 2, status: 400, retry: false },
  BAD_KEY: { exit: 2, status: 400, retry: false },
  SAME_SEGMENT: { exit: 2, status: 409, retry: false },
  NOT_FOUND: { exit: 3, status: 404, retry: false },
  PARTLY: { exit: 4, status: 500, retry: false },
  CONFLICT: { exit: 5, status: 409, retry: false },
  EXISTS: { exit: 5, status: 409, retry: false },
  NOT_EMPTY: { exit: 6, status: 409, retry: false },
  GUARD: { exit: 6, status: 409, retry: false },
  UNREACHABLE: { exit: 7, status: 502, retry: true },
  REFUSED: { exit: 8, status: 403, retry: false },
  CORRUPT: { exit: 9, status: 422, retry: false },
  TIMED_OUT: { exit: 10, status: 504, retry: true },
  INTERRUPTED: { exit: 130, status: 499, retry: false },
} as const

export type ErrorCode = keyof typeof ERRORS

export interface ErrorDetails {
  /** The line that says what to do. */
  readonly hint?: string | undefined
  readonly cause?: unknown
}

/** A failure in words. `message` says what happened, `hint` what to do; both are single lines without a final stop. */
export class EfsError extends Error {
  override readonly name = 'EfsError'
  readonly hint: string | undefined

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: ErrorDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.hint = details.hint
  }

  get exit(): number {
    return ERRORS[this.code].exit
  }
}

/** The `code` of a Node system error (`ENOENT`, `EACCES`…), or undefined for anything else. */
export function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/** For `catch`: undefined where what was looked for is not there; all else is thrown. */
export function unlessGone(error: unknown): undefined {
  if (systemCode(error) !== 'ENOENT') throw error
}

/** What `look` gives; undefined where what it looks for is not there. */
export function ifThere<T>(look: () => T): T | undefined {
  try {
    return look()
  } catch (error) {
    return unlessGone(error)
  }
}

/** What Node says, `EROFS: read-only file system, open '/mnt/x'`, for people: `/mnt/x: read-only file system`. One line. */
export function systemText({ message }: Error): string {
  const [, words, path] = /^[A-Z0-9]+: (.*?), \w+(?: '(.*)')?$/s.exec(message) ?? []
  if (words === undefined) return message.split('\n', 1)[0] ?? ''
  return path === undefined ? words : `${path}: ${words}`
}
