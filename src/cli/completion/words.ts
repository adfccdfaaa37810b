import type { Row, Table } from './table.js'

/** What the last word of a command line may be. */
export interface Wanted {
  /** Commands, or flags. */
  readonly rows: readonly Row[]
  /** What a value is to be, as in `Row`; empty where none is. */
  readonly what: string
  /** What stands before the value in the same word: `--service=`. */
  readonly front?: string
  /** What `--home` gives. */
  readonly home?: string
}

/** The same walk is in `bin/completion`, for shells. */
export function wantedOf({ places, everywhere }: Table, words: readonly string[]): Wanted {
  const typed = words.at(-1) ?? ''
  const used = new Set<string>()
  let [place, at, isOver] = ['', 0, false]
  let waiting: Row | undefined
  let home: string | undefined
  const rows = (): readonly Row[] => [...(places.get(place) ?? []), ...everywhere]
  const find = (word: string): Row | undefined => {
    const row = rows().find((one) => one.word === word)
    return row?.what.startsWith('=') ? find(row.what.slice(1)) : row
  }
  for (const word of words.slice(0, -1)) {
    if (waiting !== undefined) {
      if (waiting.word === '--home') home = word
      waiting = undefined
    } else if (word === '--' && !isOver) {
      isOver = true
    } else if (word.startsWith('-') && word !== '-' && !isOver) {
      const [name = '', value] = splitFlag(word)
      const flag = find(name)
      if (flag !== undefined) used.add(flag.word)
      if (flag?.word === '--home' && value !== undefined) home = value
      if (flag?.what && value === undefined) waiting = flag
    } else {
      const next = find(word)?.what
      if (next?.startsWith('>') && at === 0) place = next.slice(1)
      else at++
    }
  }
  const given = home === undefined ? {} : { home }
  if (waiting !== undefined) return { rows: [], what: waiting.what, ...given }
  if (typed.startsWith('-') && !isOver) {
    const [name = '', value] = splitFlag(typed)
    if (value !== undefined) return { rows: [], what: find(name)?.what ?? '', front: `${name}=`, ...given }
    return {
      rows: rows().filter(({ word, what }) => word.startsWith('--') && !what.startsWith('=') && !used.has(word)),
      what: '',
      ...given,
    }
  }
  const next = at > 0 ? [] : rows().filter(({ what }) => what.startsWith('>'))
  return { rows: next, what: find(`#${at}`)?.what ?? '', ...given }
}

function splitFlag(word: string): [name: string, value?: string] {
  const equals = word.indexOf('=')
  return equals < 0 ? [word] : [word.slice(0, equals), word.slice(equals + 1)]
}
