import type { Screen } from '../screen/screen.js'
import { bytesText } from './amounts.js'
import { visible } from './visible.js'
import { cutMiddle, padded, widthOf } from './width.js'

export interface Bar {
  readonly name: string
  readonly bytes: number
  /** What is said behind the amount. */
  readonly note?: string
}

const NAME_MAX = 24
const WIDTH_MAX = 100
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉']

/** Amounts, each with a bar as long as it is beside the largest, in lines of the width of the terminal. */
export function barsText(bars: readonly Bar[], { columns = 80, more, isAscii, colour }: Screen): string {
  const rows = bars.map(({ name, bytes, note = '' }) => ({
    name: cutMiddle(visible(name), NAME_MAX, more),
    amount: bytesText(bytes),
    note,
    bytes,
  }))
  const widest = (of: 'name' | 'amount' | 'note'): number => Math.max(0, ...rows.map((row) => widthOf(row[of])))
  const [name, amount, note] = [widest('name'), widest('amount'), widest('note')]
  const room = Math.max(4, Math.min(columns, WIDTH_MAX) - name - amount - note - 6)
  const most = Math.max(1, ...rows.map(({ bytes }) => bytes))
  return rows
    .map((row) => {
      const bar = barOf((row.bytes / most) * room, isAscii).padEnd(room)
      const line = `${padded(row.name, name)}  ${colour(bar, 'cyan')}  ${row.amount.padStart(amount)}  ${row.note}`
      return `${line.trimEnd()}\n`
    })
    .join('')
}

/** What is more than nothing is never shown as nothing. */
function barOf(length: number, isAscii: boolean): string {
  if (isAscii) return '#'.repeat(length === 0 ? 0 : Math.max(1, Math.round(length)))
  const eighths = length === 0 ? 0 : Math.max(1, Math.round(length * 8))
  return `${'█'.repeat(Math.floor(eighths / 8))}${EIGHTHS[eighths % 8]}`
}
