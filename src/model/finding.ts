/** What one test of a thing found, in words. `warn`: it works all the same; `skip`: it was not reached. */
export interface Finding<Test extends string = string> {
  readonly test: Test
  readonly outcome: 'pass' | 'warn' | 'fail' | 'skip'
  readonly text: string
  /** What to do, or what is done differently because of it. */
  readonly hint?: string
}

/** What is found, without the name of the test. */
export type Verdict = Omit<Finding, 'test'>

/** One test; what it throws is a failure of its own. */
export interface Probe {
  readonly test: string
  run(): Promise<Verdict>
}

export const fine = (text: string): Verdict => ({ outcome: 'pass', text })
export const lacks = (text: string, hint?: string): Verdict => ({ outcome: 'warn', text, ...hinted(hint) })
export const broken = (text: string, hint?: string): Verdict => ({ outcome: 'fail', text, ...hinted(hint) })

const hinted = (hint: string | undefined): Pick<Finding, 'hint'> => (hint === undefined ? {} : { hint })

export const passed = <T extends string>(test: T, text: string): Finding<T> => ({ test, ...fine(text) })

export const warned = <T extends string>(test: T, text: string, hint?: string): Finding<T> => ({
  test,
  ...lacks(text, hint),
})

export const failed = <T extends string>(test: T, text: string, hint?: string): Finding<T> => ({
  test,
  ...broken(text, hint),
})

export const notReached = <T extends string>(tests: readonly T[]): Finding<T>[] =>
  tests.map((test) => ({ test, outcome: 'skip', text: 'not reached' }))
