import { string } from '@oclif/core/args'
import { custom } from '@oclif/core/flags'
import { EfsError } from '../base/errors.js'
import { type Glob, parseGlob } from '../model/glob.js'
import { parseSize } from '../model/size.js'
import { momentOf, secondsOf } from '../model/when.js'

/** A required argument. oclif would read a missing one from stdin, which is data here. */
export const required = (description: string) => string({ required: true, ignoreStdin: true, description })

export const optional = (description: string) => string({ ignoreStdin: true, description })

/** `--at TIME`, as milliseconds since 1970. */
export const at = () => time('as it was then')

/** A flag that takes a time, as milliseconds since 1970. */
export const time = (summary: string) =>
  custom<number>({
    summary: `${summary}: ISO 8601, @SECONDS, or an age such as 2h`,
    helpValue: 'TIME',
    parse: async (text) => momentOf(text, Date.now()),
  })()

/** `500K`, `10M`: bytes, 1024-based. @throws USAGE */
export function bytesOf(text: string, flag: string): number {
  const bytes = parseSize(text) ?? 0
  if (bytes === 0)
    throw new EfsError('USAGE', `--${flag} ${text}: not an amount of bytes`, { hint: 'write 500K, 10M or 1G' })
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
export function countFrom(text: string, flag: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new EfsError('USAGE', `--${flag} ${text}: not a whole number of at least 1`)
  return Number(text)
}

/** `--match GLOB`. */
export const match = () =>
  custom<Glob>({
    summary: "only keys that fit: '*.jpg' in any folder, '2019/**' for all below 2019/",
    helpValue: 'GLOB',
    parse: async (pattern) => parseGlob(pattern),
  })()

/** `30s`, `5m`, `0`: in milliseconds. @throws USAGE */
export function durationFrom(text: string, flag: string): number {
  const seconds = secondsOf(text)
  if (seconds === undefined)
    throw new EfsError('USAGE', `--${flag} ${text}: not a length of time`, { hint: 'write 30s, 5m or 2h' })
  return seconds * 1000
}
