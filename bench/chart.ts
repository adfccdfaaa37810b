/** One series of numbers over x, as it is drawn. */
export interface Series {
  readonly name: string
  /** The same x for all series of one chart, rising. */
  readonly points: readonly { readonly x: number; readonly y: number }[]
}

const BARS = '▁▂▃▄▅▆▇█'
const ROWS = 4
const COLUMN = 4

/** A chart of columns from zero: what is flat stays flat, what is linear rises. */
export function chart({ name, points }: Series): string {
  const most = Math.max(...points.map(({ y }) => y))
  const label = amount(most)
  const rows = Array.from({ length: ROWS }, (_, row) => {
    const columns = points.map(({ y }) => cell(most === 0 ? 0 : (y / most) * ROWS - (ROWS - 1 - row)))
    return `   ${(row === 0 ? label : '').padStart(8)} ┤${columns.join('')}`
  })
  const first = amount(points[0]?.x ?? 0)
  const last = amount(points.at(-1)?.x ?? 0)
  const width = points.length * COLUMN
  const axis = `   ${'0'.padStart(8)} └${'─'.repeat(width)}`
  const ends = `${' '.repeat(13)}${first}${last.padStart(Math.max(1, width - first.length))}`
  return [`   ${name}`, ...rows, axis, ends].join('\n')
}

/** How much of one character cell is filled, 0 to 1 and beyond. */
function cell(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BARS.length)
  return (eighths === 0 ? ' ' : (BARS[eighths - 1] ?? '█')).repeat(COLUMN - 1).padEnd(COLUMN)
}

/** 1,000-based, short: 250k, 1M, 3.2. */
export function amount(value: number): string {
  const units = ['', 'k', 'M', 'G']
  let unit = 0
  let left = value
  while (left >= 1000 && unit < units.length - 1) {
    left /= 1000
    unit++
  }
  return `${Number(left.toPrecision(3))}${units[unit]}`
}
