import { EfsError } from '../../src/base/errors.js'

export interface Refusal {
  readonly code: string
  readonly message: string
  readonly hint: string | undefined
}

/** How `work` fails; where it does not, `none`, or the test fails. */
export function refusal(work: () => unknown, { orNone = false } = {}): Refusal {
  try {
    work()
  } catch (error) {
    if (!(error instanceof EfsError)) throw error
    return { code: error.code, message: error.message, hint: error.hint }
  }
  if (!orNone) throw new Error('nothing was refused')
  return { code: 'none', message: '', hint: undefined }
}
