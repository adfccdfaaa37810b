import { readFileSync } from 'node:fs'
import { string as argument } from '@oclif/core/args'
import { custom, string } from '@oclif/core/flags'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { fromOwn } from '../../base/own-folder.js'
import { type Glob, parseGlob } from '../../model/glob.js'
import type { Rights } from '../../model/link.js'
import { parseSize } from '../../model/size.js'
import { momentOf, secondsOf } from '../../model/when.js'

/** A required argument. oclif would read a missing one from stdin, which is data here. */
export const required = (description: string) => argument({ required: true, ignoreStdin: true, description })

export const optional = (description: string) => argument({ ignoreStdin: true, description })

/** `--at TIME`, as milliseconds since 1970. */
export const at = () => time('as it was then')

/** A flag that takes a time, as milliseconds since 1970. */
export const time = (summary: string, helpGroup?: string) =>
  custom<number>({
    ...(helpGroup === undefined ? {} : { helpGroup }),
    summary: `${summary}: ISO 8601, @SECONDS, or an age such as 2h`,
    helpValue: 'TIME',
    parse: async (text) => momentOf(text, Date.now()),
  })()

/** `500K`, `10M`: bytes, 1024-based. @throws USAGE */
export function bytesOf(text: string, flag: string, hint = 'write 500K, 10M or 1G'): number {
  const bytes = parseSize(text) ?? 0
  if (bytes === 0) throw new EfsError('USAGE', `--${flag} ${text}: not an amount of bytes`, { hint })
  return bytes
}

/** `5` or `5%`, as a share of 1. @throws USAGE */
export function shareFrom(text: string, flag: string): number {
  const percent = Number(/^(\d+(?:\.\d+)?)%?$/.exec(text)?.[1])
  if (!(percent <= 100)) {
    throw new EfsError('USAGE', `--${flag} ${text}: not a share in percent`, { hint: 'write 0 to 100' })
  }
  return percent / 100
}

/** A whole number of at least 1. @throws USAGE */
export const countFrom = (text: string, flag: string): number => wholeNumber(text, `--${flag}`)

/** The number of a run. @throws USAGE */
export const runFrom = (text: string): number => wholeNumber(text, 'run', 'efs run list shows those that are kept')

function wholeNumber(text: string, what: string, hint?: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new EfsError('USAGE', `${what} ${text}: not a whole number of at least 1`, { hint })
  return Number(text)
}

/** `--match GLOB`. */
export const match = () =>
  custom<Glob>({
    summary: "only keys that fit: '*.jpg' in any folder, '2019/**' for all below 2019/",
    helpValue: 'GLOB',
    parse: async (pattern) => parseGlob(pattern),
  })()

const DAY_MS = 86_400_000

/** `30s`, `5m`, `0`: in milliseconds. @throws USAGE */
export function durationFrom(text: string, flag: string): number {
  const seconds = secondsOf(text)
  if (seconds === undefined)
    throw new EfsError('USAGE', `--${flag} ${text}: not a length of time`, { hint: 'write 30s, 5m or 2h' })
  if (seconds * 1000 > LIMITS.timerMsMax) {
    const hint = `write ${Math.floor(LIMITS.timerMsMax / DAY_MS)}d or less; 0 is for ever`
    throw new EfsError('USAGE', `--${flag} ${text}: too long`, { hint })
  }
  return seconds * 1000
}

/** `read`, `write`, `read+write`. @throws USAGE */
export function rightsFrom(text: string): Rights {
  const words = text === 'both' ? ['read', 'write'] : text.split('+')
  if (words.length === 0 || words.some((word) => word !== 'read' && word !== 'write'))
    throw new EfsError('USAGE', `--rights ${text}: no such right`, { hint: 'write read, write or read+write' })
  return { read: words.includes('read'), write: words.includes('write') }
}

/** `--s3-endpoint URL`. */
export const S3_FLAG = {
  's3-endpoint': string({
    helpValue: 'URL',
    summary: 'the S3 server, https://host:port; $AWS_ENDPOINT_URL when not given',
  }),
}

/** `--auth-file FILE`: the first line of it, which is no secret to the command line. */
export const AUTH_FLAG = {
  'auth-file': string({
    helpValue: 'FILE',
    summary: 'its first line is shown to a gateway for which nothing is kept here',
  }),
}

/** @throws NOT_FOUND, USAGE */
export const authFrom = (flags: { readonly 'auth-file'?: string | undefined }): { readonly auth?: string } =>
  flags['auth-file'] === undefined ? {} : { auth: secretIn(flags['auth-file']) }

/** The first line of a file. @throws NOT_FOUND, USAGE */
export function secretIn(file: string): string {
  const [line = ''] = textOf(file).split(/\r?\n/, 1)
  if (line === '') throw new EfsError('USAGE', `${file} holds no secret`, { hint: 'its first line is the secret' })
  return line
}

function textOf(file: string): string {
  try {
    return readFileSync(fromOwn(file), 'utf8')
  } catch (cause) {
    throw new EfsError('NOT_FOUND', `cannot read ${file}`, {
      hint: 'name a file whose first line is the secret',
      cause,
    })
  }
}
