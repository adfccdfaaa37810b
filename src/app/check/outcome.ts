import { EfsError } from '../../base/errors.js'
import { type Finding, failed } from '../../model/finding.js'
import { wordsOf } from '../gateway/log.js'

export const TESTS = [
  'name',
  'segment',
  'port',
  'directory',
  's3',
  'address',
  'certificate',
  'peer',
  'credentials',
  'rights',
  'buckets',
  'clock',
] as const
export type TestName = (typeof TESTS)[number]

export type Outcome = Finding<TestName>

/** The name of the test stands before its words, and is not said twice. */
export function failedBy<T extends string>(test: T, error: unknown): Finding<T> {
  const words = wordsOf(error)
  const text = words.startsWith(`${test} `) ? words.slice(test.length + 1) : words
  return failed(test, text, error instanceof EfsError ? error.hint : undefined)
}
