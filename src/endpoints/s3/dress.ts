import { LIMITS } from '../../base/limits.js'
import type { Attributes, Content, KindName } from '../../model/manifest.js'
import { isOfEfs } from '../../model/options-text.js'
import type { Answer } from './getting.js'
import { isAscii, isPrintable, textOfBytes } from './header-text.js'
import { KEPT_HEADERS, keptHeaders } from './kept-headers.js'
import type { Dress } from './putting.js'

/*
 * What of an object stands beside its bytes in S3, as rclone (`mtime`: seconds with nine decimals; `mode`: `100644`) and s3cmd
 * (`s3cmd-attrs`: `mode:33188/mtime:1700000000`) read and write it. efs adds the BLAKE3 of the bytes.
 */
const MTIME = 'mtime'
const MODE = 'mode'
const ATTRS = 's3cmd-attrs'
export const HASH = 'efs-blake3'

const TYPE_BITS = 0o170000
const LINK_BITS = 0o120000
const FILE_BITS = 0o100000
const SECOND_NS = 1_000_000_000n
/** What servers and tools say of an object of which nobody said anything. */
const DEFAULTS = ['application/octet-stream', 'binary/octet-stream', 'aws-chunked', '']

/** A user's own options that stand for what S3 knows of an object. */
const TAGGING = 'amz-tagging'
const META = 'amz-meta-'

export interface Told {
  readonly kind: KindName
  readonly attributes: Attributes
  /** BLAKE3 of the bytes, where efs wrote it down. */
  readonly contentHash?: string
}

export function dressFor({ kind, attributes, contentHash }: Content): Dress {
  const { mode, mtimeNs, user = {} } = attributes
  const own: Record<string, string> = {}
  if (mtimeNs !== undefined) own[MTIME] = secondsText(mtimeNs)
  // rclone makes a file of a link, so that it has no use for the mode of one.
  if (mode !== undefined && kind !== 'link') own[MODE] = (FILE_BITS | mode).toString(8)
  const attrs = attrsText(kind, mode, mtimeNs)
  if (attrs !== '') own[ATTRS] = attrs
  own[HASH] = contentHash
  const given = Object.entries(user).flatMap(([name, value]): [string, string][] =>
    isMetadata(name, value) ? [[name.slice(META.length), value]] : [],
  )
  const metadata = { ...Object.fromEntries(given), ...own }
  const tagging = user[TAGGING]
  const headers = keptHeaders((name) => {
    const value = user[name]
    return value !== undefined && isHeader(value) ? value : undefined
  })
  return {
    metadata,
    ...(bytesOf(Object.entries(metadata)) > LIMITS.s3MetadataBytesMax && { least: leastOf(given, own) }),
    headers,
    ...(tagging !== undefined && isTagging(tagging) && { tagging }),
  }
}

/** As much as S3 says that it holds: what is short is many. */
function leastOf(given: readonly [string, string][], own: Readonly<Record<string, string>>): Record<string, string> {
  const least = { ...own }
  let left = LIMITS.s3MetadataBytesMax - bytesOf(Object.entries(own))
  for (const pair of [...given].sort((a, b) => bytesOf([a]) - bytesOf([b]))) {
    const [name, value] = pair
    left -= bytesOf([pair])
    if (left < 0) break
    least[name] ??= value
  }
  return least
}

const bytesOf = (pairs: readonly [string, string][]): number =>
  pairs.reduce((sum, [name, value]) => sum + name.length + Buffer.byteLength(value), 0)

/** Options for which no server has a place. Those that say how efs treats an object are for efs alone. */
export const placelessIn = ({ user = {} }: Attributes): string[] =>
  Object.entries(user).flatMap(([name, value]) => (isOfEfs(name) || hasPlace(name, value) ? [] : [name]))

/** Options that had to go to where these values of `metadata` are not. */
export const withoutIn = (metadata: Readonly<Record<string, string>>, { user = {} }: Attributes): string[] =>
  Object.entries(user).flatMap(([name, value]) =>
    isMetadata(name, value) && metadata[name.slice(META.length).toLowerCase()] === undefined ? [name] : [],
  )

const hasPlace = (name: string, value: string): boolean =>
  (name === TAGGING && isTagging(value)) ||
  isMetadata(name, value) ||
  (KEPT_HEADERS.some(([, header]) => header === name) && isHeader(value))

/** An object's answer as attributes; without a time in its metadata it is when the server got it. */
export function toldBy({ Metadata = {}, LastModified, ...answer }: Answer, tagging?: string): Told {
  const attrs = new Map((Metadata[ATTRS] ?? '').split('/').map((pair) => splitAt(pair)))
  const octal = bitsOf(Metadata[MODE])
  const bits = Number(attrs.get('mode') ?? octal ?? Number.NaN)
  const mtimeNs = nanosOf(Metadata[MTIME]) ?? nanosOf(attrs.get('mtime')) ?? nanosOf(secondsOf(LastModified))
  const user: Record<string, string> = {}
  for (const [name, value] of Object.entries(Metadata)) {
    const isRead = name === MTIME || name === ATTRS || name === HASH || (name === MODE && octal !== undefined)
    if (!isRead) user[META + name] = textOfBytes(value)
  }
  for (const [name, header] of KEPT_HEADERS) {
    const value = answer[name]
    if (value !== undefined && !DEFAULTS.includes(value)) user[header] = textOfBytes(value)
  }
  if (tagging !== undefined) user[TAGGING] = tagging
  const isLink = (bits & TYPE_BITS) === LINK_BITS
  return {
    kind: isLink ? 'link' : 'file',
    attributes: {
      ...(Number.isInteger(bits) && !isLink && { mode: bits & 0o7777 }),
      ...(mtimeNs !== undefined && { mtimeNs }),
      user,
    },
    ...(Metadata[HASH] !== undefined && { contentHash: Metadata[HASH] }),
  }
}

/** Within what all servers refuse to go beyond. */
function isTagging(value: string): boolean {
  const tags = [...new URLSearchParams(value)]
  const { s3TagsMax, s3TagNameLengthMax, s3TagValueLengthMax } = LIMITS
  const fit = tags.every(
    ([name, text]) => name !== '' && name.length <= s3TagNameLengthMax && text.length <= s3TagValueLengthMax,
  )
  return fit && tags.length <= s3TagsMax && new Set(tags.map(([name]) => name)).size === tags.length
}

const isMetadata = (name: string, value: string): boolean =>
  name.startsWith(META) && /^[\w!#$%&'*+.^`|~-]+$/.test(name) && isPrintable(value)

/** Node encodes some that are not ASCII itself, so that they cannot be signed. */
const isHeader = (value: string): boolean =>
  isAscii(value) && isPrintable(value) && value.length <= LIMITS.s3MetadataBytesMax

const secondsOf = (date: Date | undefined): string | undefined =>
  date === undefined ? undefined : String(Math.floor(date.getTime() / 1000))

function attrsText(kind: KindName, mode: number | undefined, mtimeNs: bigint | undefined): string {
  const bits = kind === 'link' ? LINK_BITS | 0o777 : mode === undefined ? undefined : FILE_BITS | mode
  const seconds = mtimeNs === undefined ? undefined : floorSeconds(mtimeNs)
  return [
    ...(seconds === undefined ? [] : [`atime:${seconds}`]),
    ...(bits === undefined ? [] : [`mode:${bits}`]),
    ...(seconds === undefined ? [] : [`mtime:${seconds}`]),
  ].join('/')
}

const floorSeconds = (ns: bigint): bigint => ns / SECOND_NS - (ns % SECOND_NS < 0n ? 1n : 0n)

/** Seconds with nine decimals; whole ones without. A time before 1970 has its sign before all of it. */
function secondsText(ns: bigint): string {
  const sign = ns < 0n ? '-' : ''
  const size = ns < 0n ? -ns : ns
  const rest = size % SECOND_NS
  return `${sign}${size / SECOND_NS}${rest === 0n ? '' : `.${String(rest).padStart(9, '0')}`}`
}

/** As rclone writes the mode of a file; undefined where others mean something else by it. */
const bitsOf = (text: string | undefined): number | undefined =>
  /^0?10[0-7]{4}$/.test(text ?? '') ? Number.parseInt(text ?? '', 8) : undefined

/** Undefined where the text is no number of seconds. */
function nanosOf(text: string | undefined): bigint | undefined {
  const [, sign, whole, rest = ''] = /^(-?)(\d{1,10})(?:\.(\d+))?$/.exec(text ?? '') ?? []
  if (whole === undefined) return undefined
  const size = BigInt(whole) * SECOND_NS + BigInt(rest.slice(0, 9).padEnd(9, '0'))
  const ns = sign === '-' ? -size : size
  return ns === BigInt.asIntN(64, ns) ? ns : undefined
}

function splitAt(pair: string): readonly [string, string] {
  const at = pair.indexOf(':')
  return at < 0 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)]
}
