import { EfsError, type ErrorCode, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { untilAborted } from '../../base/signals.js'

/** What of an SDK's error tells what it is. */
interface Fault {
  readonly name: string
  readonly status: number | undefined
  readonly message: string
}

const BY_NAME: Readonly<Record<string, ErrorCode>> = {
  NoSuchKey: 'NOT_FOUND',
  NoSuchBucket: 'NOT_FOUND',
  NoSuchUpload: 'NOT_FOUND',
  NotFound: 'NOT_FOUND',
  InvalidRange: 'NOT_FOUND',
  PreconditionFailed: 'CONFLICT',
  ConditionalRequestConflict: 'CONFLICT',
  InvalidObjectState: 'REFUSED',
  NotImplemented: 'FAILED',
  QuotaExceeded: 'DISK_FULL',
  InvalidBucketName: 'USAGE',
  AuthorizationHeaderMalformed: 'USAGE',
  IllegalLocationConstraintException: 'USAGE',
  InvalidRegion: 'USAGE',
  PermanentRedirect: 'USAGE',
  TimeoutError: 'UNREACHABLE',
  SlowDown: 'UNREACHABLE',
  RequestTimeout: 'UNREACHABLE',
}

/** Said of who asks, or of the whole bucket: the next object would be answered the same. Some come with 400. */
const OF_ALL = new Set([
  'AccountProblem',
  'AllAccessDisabled',
  'CredentialsProviderError',
  'ExpiredToken',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidPayer',
  'InvalidSecurity',
  'InvalidToken',
  'NotSignedUp',
  'RequestExpired',
  'RequestTimeTooSkewed',
  'SignatureDoesNotMatch',
  'TokenProviderError',
  'TokenRefreshRequired',
  'UserSuspended',
])

const BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  301: 'USAGE',
  401: 'REFUSED',
  403: 'REFUSED',
  404: 'NOT_FOUND',
  408: 'UNREACHABLE',
  412: 'CONFLICT',
  416: 'NOT_FOUND',
  429: 'UNREACHABLE',
  501: 'FAILED',
  507: 'DISK_FULL',
}

const HINTS: Partial<Readonly<Record<ErrorCode, string>>> = {
  NOT_FOUND: 'check the name, and make the bucket first where it is missing',
  USAGE: 'check the bucket, its region ($AWS_REGION) and --s3-endpoint',
  REFUSED: 'check the keys (efs credential list, the environment, the profile), and what they may do with this bucket',
  UNREACHABLE: 'check the address (--s3-endpoint) and the network, and run again',
  DISK_FULL: 'make room there and run again',
}

const REGION = 'set $AWS_REGION to the region of the bucket and run again'

const HINTS_BY_NAME: Readonly<Record<string, string>> = {
  AuthorizationHeaderMalformed: REGION,
  CredentialsProviderError:
    'give keys with efs credential set s3://BUCKET, in the environment or in a profile; try what $AWS_PROFILE names with another tool',
  ExpiredToken: 'get new keys and run again',
  IllegalLocationConstraintException: REGION,
  InvalidObjectState: 'restore it from there and run again',
  InvalidRegion: REGION,
  RequestTimeTooSkewed: 'set the clock of this machine right and run again',
  TokenRefreshRequired: 'get new keys and run again',
}

const CLOSED = new Set(['ECONNRESET', 'ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EPIPE', 'ETIMEDOUT', 'EHOSTUNREACH'])

/** Of this machine: no peer is to blame. */
const NO_FILES = new Set(['EMFILE', 'ENFILE'])

const TRUST = 'name the file that has the certificate of its authority in $AWS_CA_BUNDLE, and run again'

const HINTS_BY_SYSTEM: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'is the clock of this machine right? If so, the server needs a new one',
  DEPTH_ZERO_SELF_SIGNED_CERT: TRUST,
  ECONNRESET: 'check the address (--s3-endpoint, https:// or http://) and the network, and run again',
  SELF_SIGNED_CERT_IN_CHAIN: TRUST,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: TRUST,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: TRUST,
}

/** What OpenSSL says where the first bytes that came are no TLS. */
const NO_TLS = /wrong version number|packet length too long|http request/i
const NO_S3 = /XML parse error|Deserialization error/
/** What people need not read in the words of Node, OpenSSL and the SDK. */
const PLAIN_WORDS: readonly (readonly [RegExp, string])[] = [
  [NO_TLS, 'no TLS is spoken there'],
  [/socket hang up|ECONNRESET/, 'the connection was closed before there was an answer'],
  [/of inactivity|of no activity/, `nothing moved for ${LIMITS.s3StallMsMax / 1000} s`],
  [/did not establish a connection/, `no connection came about in ${LIMITS.s3ConnectMsMax / 1000} s`],
]
const ASK_WHERE = 'check the address (--s3-endpoint): is an S3 server there?'

/**
 * An error of the SDK as one of ours; `doing` is what failed, "cannot read s3://b/k". One of ours stays as it is, and so
 * does the reason of a signal that was aborted.
 */
export function s3Fault(error: unknown, doing: string, signal?: AbortSignal): unknown {
  if (signal?.aborted) return signal.reason
  if (error instanceof EfsError) return error
  const system = systemCode(error) ?? ''
  if (NO_FILES.has(system)) {
    const hint = 'allow more with ulimit -n and run again'
    return new EfsError('IO', `${doing}: too many files are open`, { hint, cause: error })
  }
  const fault = faultOf(error)
  const code = codeOf(error, fault)
  const hint = HINTS_BY_SYSTEM[system] ?? HINTS_BY_NAME[fault.name] ?? hintOf(fault, code)
  return new EfsError(code, `${doing}: ${wordsOf(fault, code)}`, { ...(hint && { hint }), cause: error })
}

/** Runs a call; its error becomes one of ours. The SDK itself waits for keys, and the program that gives them, whatever the signal says. */
export async function orFault<T>(doing: string, signal: AbortSignal | undefined, call: () => Promise<T>): Promise<T> {
  try {
    return await untilAborted(signal, call)
  } catch (error) {
    throw s3Fault(error, doing, signal)
  }
}

export const hasCode = (error: unknown, code: ErrorCode): error is EfsError =>
  error instanceof EfsError && error.code === code

/** Whether the server denies this one object, whatever it says of the next: by a policy, the object's own list, a key that encrypts it, an archive. */
export function isDenied(error: unknown): error is EfsError {
  return error instanceof EfsError && error.code === 'REFUSED' && isOfObject(faultOf(error.cause))
}

/** Whether it does not do with this one object what it may do with the next. */
export const isRejected = (error: unknown): error is EfsError =>
  isDenied(error) || hasCode(error, 'FAILED') || isUploadGone(error)

/** Whether the upload in parts is there no more: somebody gave it up, or completed it. */
export const isUploadGone = (error: unknown): error is EfsError =>
  error instanceof EfsError && faultOf(error.cause).name === 'NoSuchUpload'

/** Whether something else is done to the same key at this moment, so that a condition is neither kept nor broken. */
export const isBusy = (error: unknown): boolean =>
  hasCode(error, 'CONFLICT') && faultOf(error.cause).name === 'ConditionalRequestConflict'

/** Whether no such object is there, in a bucket that is. */
export const isOfNothing = (error: unknown): boolean =>
  error instanceof EfsError && ['NoSuchKey', 'NoSuchVersion'].includes(faultOf(error.cause).name)

/** Whether the server makes another signature of the request. */
export const isMisSigned = (error: unknown): boolean =>
  error instanceof EfsError && faultOf(error.cause).name === 'SignatureDoesNotMatch'

/** Whether a write that had no digest of its bytes is refused for that. */
export const lacksDigest = (error: unknown): boolean => {
  if (!hasCode(error, 'FAILED')) return false
  const { name, message } = faultOf(error.cause)
  return NO_MD5.test(`${name} ${message}`)
}

/** As Amazon says it (InvalidRequest, `Content-MD5 OR x-amz-checksum- HTTP header is required …`), or others (MissingContentMD5). */
const NO_MD5 = /Content-?MD5/i

const isOfKey = (name: string): boolean => name.startsWith('KMS.')

const isOfObject = ({ name, status }: Fault): boolean =>
  !OF_ALL.has(name) && (status === 403 || name === 'InvalidObjectState' || isOfKey(name))

function faultOf(error: unknown): Fault {
  if (!(error instanceof Error)) return { name: 'Error', status: undefined, message: String(error) }
  return { name: error.name, status: statusOf(error), message: error.message }
}

function statusOf(error: Error): number | undefined {
  if (!('$metadata' in error) || typeof error.$metadata !== 'object' || error.$metadata === null) return undefined
  const { $metadata } = error
  return 'httpStatusCode' in $metadata && typeof $metadata.httpStatusCode === 'number'
    ? $metadata.httpStatusCode
    : undefined
}

function codeOf(error: unknown, { name, status }: Fault): ErrorCode {
  const named = BY_NAME[name]
  if (named !== undefined) return named
  if (OF_ALL.has(name) || isOfKey(name)) return 'REFUSED'
  const system = systemCode(error)
  if (system !== undefined && CLOSED.has(system)) return 'UNREACHABLE'
  if (status === undefined || (status >= 200 && status < 300)) return 'UNREACHABLE'
  return BY_STATUS[status] ?? (status >= 500 ? 'UNREACHABLE' : 'FAILED')
}

function hintOf({ name, message }: Fault, code: ErrorCode): string | undefined {
  if (NO_TLS.test(message)) return 'write http:// where it has none, or name another port, in --s3-endpoint'
  return NO_S3.test(message) || (code === 'FAILED' && isNameless(name)) ? ASK_WHERE : HINTS[code]
}

/** What the SDK calls an answer that says no more than its status. */
const isNameless = (name: string): boolean => name === 'Unknown' || name === 'UnknownError'

function wordsOf(fault: Fault, code: ErrorCode): string {
  const { name, status, message } = fault
  const http = status === undefined ? '' : ` (HTTP ${status})`
  const plain = PLAIN_WORDS.find(([words]) => words.test(message))
  if (plain !== undefined) return plain[1]
  if (NO_S3.test(message)) return `the answer is not one of S3${http}`
  const isBare = ['UnknownError', name, ''].includes(message)
  const told = isBare ? name : SDK_NAMES.has(name) ? message : `${name}, ${message}`
  const line = told.replaceAll(/\s+/g, ' ').slice(0, 300)
  if (name === 'InvalidObjectState') return `it stands in an archive and has to be restored first (${line})`
  if (status === 403 && isOfObject(fault)) return `access is denied (${name === 'Unknown' ? 'HTTP 403' : line})`
  if (isNameless(name) && isBare) return `HTTP ${status ?? 'without a status'}, and no word of why`
  return code === 'FAILED' ? line + http : line
}

/** They say nothing that the message does not. */
const SDK_NAMES = new Set(['Error', 'CredentialsProviderError', 'TimeoutError', 'TokenProviderError'])
