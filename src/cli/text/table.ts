import type { Screen } from '../screen/screen.js'
import { visible } from './visible.js'
import { cutMiddle, LEAST, widthOf } from './width.js'

export interface Column {
  /** Numbers stand to the right. */
  readonly align: 'left' | 'right'
  /** Its cells are cut in the middle where a line would be wider than the terminal. */
  readonly cut?: true
}

/** Rows in aligned columns with a blank between them, no wider than the terminal where one is. */
export async function tableText(
  rows: readonly (readonly string[])[],
  columns: readonly Column[],
  { columns: width, more }: Pick<Screen, 'columns' | 'more'>,
): Promise<string> {
  if (rows.length === 0) return ''
  const { default: Table } = await import('cli-table3')
  const table = new Table({
    chars: NO_LINES,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colAligns: columns.map(({ align }) => align),
  })
  if (width === undefined) table.push(...rows.map((row) => [...row]))
  else {
    const shown = rows.map((row) => row.map(visible))
    const widths = widthsOf(shown, columns, width)
    for (const row of shown) table.push(row.map((cell, i) => cutMiddle(cell, widths[i] ?? 0, more)))
  }
  const lines = table.toString().split('\n')
  return lines.map((line) => `${line.trimEnd()}\n`).join('')
}

/** Columns that may be cut share what the others leave; what one does not need goes to the next. */
function widthsOf(rows: readonly (readonly string[])[], columns: readonly Column[], width: number): number[] {
  const needs = columns.map((_, i) => Math.max(...rows.map((row) => widthOf(row[i] ?? ''))))
  const widths = [...needs]
  const cut = columns.flatMap(({ cut: may }, i) => (may ? [i] : [])).sort((a, b) => (needs[a] ?? 0) - (needs[b] ?? 0))
  let left = width - (columns.length - 1) - needs.reduce((sum, need, i) => sum + (cut.includes(i) ? 0 : need), 0)
  cut.forEach((i, at) => {
    widths[i] = Math.max(LEAST, Math.min(needs[i] ?? 0, Math.floor(left / (cut.length - at))))
    left -= widths[i]
  })
  return widths
}

/** A line whose end, a name, is cut in the middle where the terminal is too narrow for it. */
export const besideText = (front: string, name: string, { columns, more }: Pick<Screen, 'columns' | 'more'>): string =>
  `${front} ${columns === undefined ? name : cutMiddle(visible(name), columns - front.length - 1, more)}`

const SIDES = ['top', 'bottom', 'left', 'right', 'mid'] as const
const NO_LINES = {
  ...Object.fromEntries(SIDES.flatMap((side) => ['', '-mid', '-left', '-right'].map((part) => [`${side}${part}`, '']))),
  middle: ' ',
}
