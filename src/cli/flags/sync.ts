import { EfsError } from '../../base/errors.js'
import type { Guard } from '../../model/transfer.js'

/** `--max-delete N` or `N%`. @throws USAGE */
export function maxDeleteOf(text: string | undefined): Pick<Guard, 'maxDelete'> {
  if (text === undefined) return {}
  const match = /^(\d+)(%?)$/.exec(text)
  const number = Number(match?.[1])
  if (!match || (match[2] === '%' && number > 100)) {
    throw new EfsError('USAGE', `--max-delete ${text}: not a number of objects`, {
      hint: 'write 100, or 20% of what is there',
    })
  }
  return { maxDelete: match[2] === '%' ? { percent: number } : { count: number } }
}
