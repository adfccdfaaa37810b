import { EfsError } from '../base/errors.js'

/** How a value that people type is read. */
export interface Typed<T> {
  /** Completes "it takes …". */
  readonly accepted: string
  read(text: string): T | undefined
  /** What is accepted and was probably meant, for a text that is not. */
  near?(text: string): string | undefined
}

/** `-` or nothing: as inherited. */
export const isUnset = (text: string): boolean => text === '' || text === '-'

/** @throws USAGE naming flag, text, and what is accepted */
export function typedValue<T>(flag: string, typed: Typed<T>, text: string, value = text): T {
  const read = typed.read(value)
  if (read === undefined) throw refusedValue(flag, text, typed.accepted, typed.near?.(text))
  return read
}

export function refusedValue(flag: string, text: string, accepted: string, near?: string): EfsError {
  return new EfsError('USAGE', `--${flag} does not take ${JSON.stringify(text)}`, {
    hint: `it takes ${accepted}${near === undefined ? '' : `; did you mean ${near}?`}`,
  })
}
