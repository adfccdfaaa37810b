import { readFileSync } from 'node:fs'
import path from 'node:path'
import { PROGRAM } from '../program.js'
import type { Row, Table } from './table.js'

export const SHELLS = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof SHELLS)[number]

/** The script for a shell: what walks the table, and the table, in its language. */
export function scriptOf(shell: Shell, table: Table): string {
  const front = template(`efs.${shell}`)
  if (shell === 'fish') return `${front}\n${fishRows(table)}`
  const [line = '', ...rest] = front.split('\n')
  return [line, posixRows(table), template('walk.sh'), ...rest].join('\n')
}

const template = (name: string): string => readFileSync(path.join(path.dirname(PROGRAM), 'completion', name), 'utf8')

const textOf = ({ word, what, note }: Row): string => `${word}|${what}|${note}`

function posixRows({ places, everywhere }: Table): string {
  const quoted = (rows: readonly Row[]): string => `'${rows.map(textOf).join('\n').replaceAll("'", "'\\''")}'`
  const cases = [...places].map(([place, rows]) => `    '${place}') rows=${quoted(rows)} ;;`)
  return [
    '_efs_rows() {',
    '  case $1 in',
    ...cases,
    "    *) rows='' ;;",
    '  esac',
    `  rows="$rows"$'\\n'${quoted(everywhere)}`,
    '}',
    '',
  ].join('\n')
}

function fishRows({ places, everywhere }: Table): string {
  const quoted = (rows: readonly Row[]): string =>
    rows.map((row) => `'${textOf(row).replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`).join(' ')
  const cases = [...places].map(
    ([place, rows]) => `        case '${place}'\n            printf '%s\\n' ${quoted(rows)}`,
  )
  return [
    'function __efs_rows',
    '    switch $argv[1]',
    ...cases,
    '    end',
    `    printf '%s\\n' ${quoted(everywhere)}`,
    'end',
    '',
  ].join('\n')
}
