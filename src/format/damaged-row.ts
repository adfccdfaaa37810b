import { EfsError } from '../base/errors.js'

/** What to do about an index that is of no use. */
export const REPAIR = 'efs system check --repair makes it anew from the packs'

/** A row of the index that nobody wrote so. */
export const damagedRow = (what: string): EfsError =>
  new EfsError('CORRUPT', `the index is damaged: ${what}`, { hint: REPAIR })
