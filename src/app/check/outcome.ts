import { EfsError } from '../../base/errors.js'
import { wordsOf } from '../gateway/log.js'

export const TESTS = [
  'name',
  'segment',
  'port',
  'directory',
  'address',
  'certificate',
  'peer',
  'credentials',
  'rights',
  'buckets',
  'clock',
] as const
export type TestName = (typeof TESTS)[number]

/** What a test found, in words. `skip`: it was not reached; `warn`: nothing fails of it. */
export interface Outcome {
  readonly test: TestName
  readonly outcome: 'pass' | 'warn' | 'fail' | 'skip'
  readonly text: string
  /** What to do. */
  readonly hint?: string
}

export const passed = (test: TestName, text: string): Outcome => ({ test, outcome: 'pass', text })

export const warned = (test: TestName, text: string, hint?: string): Outcome => ({
  test,
  outcome: 'warn',
  text,
  ...(hint === undefined ? {} : { hint }),
})

export const failed = (test: TestName, text: string, hint?: string): Outcome => ({
  test,
  outcome: 'fail',
  text,
  ...(hint === undefined ? {} : { hint }),
})

export const notReached = (tests: readonly TestName[]): Outcome[] =>
  tests.map((test) => ({ test, outcome: 'skip', text: 'not reached' }))

/** The name of the test stands before its words, and is not said twice. */
export function failedBy(test: TestName, error: unknown): Outcome {
  const words = wordsOf(error)
  const text = words.startsWith(`${test} `) ? words.slice(test.length + 1) : words
  return failed(test, text, error instanceof EfsError ? error.hint : undefined)
}
