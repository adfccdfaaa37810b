import { systemCode } from '../../base/errors.js'

// Who reads stdout may go away before the end. What only tells ends then; what changes something goes on, so that it
// does not end half done, and so does what answers by its status.

let goesOn = false
let isGone = false

/** Whether the command that begins goes on where nobody reads what it writes. */
export function goOnUnheard(yes: boolean): void {
  goesOn = yes
}

/** Whether nobody reads any more, so that nothing is to be written. */
export const isUnheard = (): boolean => isGone

/** Takes an error of stdout, where the command goes on without it. */
export function wentUnheard(error: Error): boolean {
  if (!goesOn || systemCode(error) !== 'EPIPE') return false
  isGone = true
  // Who waits for the reader waits for nobody.
  process.stdout.emit('drain')
  return true
}
