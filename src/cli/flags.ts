import { Args, Flags } from '@oclif/core'
import { EfsError } from '../base/errors.js'
import { momentOf } from '../model/when.js'

/** A required argument. oclif would read a missing one from stdin, which is data here. */
export const required = (description: string) => Args.string({ required: true, ignoreStdin: true, description })

export const optional = (description: string) => Args.string({ ignoreStdin: true, description })

/** `--at TIME`, as milliseconds since 1970. */
export const at = Flags.custom<number>({
  summary: 'as it was then: ISO 8601, @SECONDS, or an age such as 2h',
  helpValue: 'TIME',
  parse: async (text) => momentOf(text, Date.now()),
})

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 }

/** `500K`, `10M`: bytes, 1024-based. @throws USAGE */
export function bytesOf(text: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)(?:i?B)?$/i.exec(text)
  const bytes = Number(match?.[1]) * (UNITS[(match?.[2] ?? '').toUpperCase()] ?? Number.NaN)
  if (!(bytes > 0))
    throw new EfsError('USAGE', `--${flag} ${text}: not an amount of bytes`, { hint: 'write 500K, 10M or 1G' })
  return bytes
}

/** A whole number of at least 1. @throws USAGE */
export function countFrom(text: string, flag: string): number {
  if (!/^\d+$/.test(text) || Number(text) < 1)
    throw new EfsError('USAGE', `--${flag} ${text}: not a whole number of at least 1`)
  return Number(text)
}
