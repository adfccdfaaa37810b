import { keyWords } from '../../app/services/key-words.js'
import { ERRORS } from '../../base/errors.js'
import { ALIASES } from '../argv.js'
import { EXIT_CODES } from '../exit-codes.js'
import { SETTING_KEYS, SETTING_RULES } from '../settings/rules.js'
import { lineAndMore } from '../topics.js'
import { kindOf } from './values.js'

/** What is needed of a command in oclif's manifest. */
export interface ManifestCommand {
  readonly id: string
  readonly summary?: string
  readonly args: Readonly<Record<string, { readonly name: string }>>
  readonly flags: Readonly<Record<string, ManifestFlag>>
}

interface ManifestFlag {
  readonly name: string
  readonly char?: string
  readonly type: 'boolean' | 'option'
  readonly summary?: string
  readonly helpGroup?: string
}

export interface Catalogue {
  readonly commands: Readonly<Record<string, ManifestCommand>>
  readonly topics: Readonly<Record<string, { readonly description: string }>>
}

/** One thing that may follow at a place on the command line. No field has a line break, the first two no `|`. */
export interface Row {
  /** A word; a flag; `#0`, `#1` …: an argument. */
  readonly word: string
  /**
   * Of a word `>` and the place behind it; of another spelling `=` and the one that counts, which is a row behind this one. Of an argument or a flag
   * with a value what it takes: `:` and the words with spaces between them, or a `Kind`, or `any`. Empty: a flag without a value.
   */
  readonly what: string
  readonly note: string
}

/** By place: what was typed before, as in `bucket show`. */
export interface Table {
  readonly places: ReadonlyMap<string, readonly Row[]>
  /** What may follow at every place beside it: the global flags. */
  readonly everywhere: readonly Row[]
}

/** All that is known of a command line without looking at a segment. */
export function tableOf({ commands, topics }: Catalogue): Table {
  const places = new Map<string, Row[]>()
  const add = (place: string, ...rows: Row[]): void => {
    places.set(place, [...(places.get(place) ?? []), ...rows])
  }
  for (const [short, long] of Object.entries(ALIASES)) add('', { word: short, what: `=${long}`, note: '' })
  for (const [name, { description }] of Object.entries(topics)) {
    add('', { word: name, what: `>${name}`, note: lineAndMore(description).line })
  }
  for (const { id, summary = '' } of Object.values(commands)) {
    const words = id.split(':')
    add(words.slice(0, -1).join(' '), { word: words.at(-1) ?? '', what: `>${words.join(' ')}`, note: summary })
  }
  for (const [place, rows] of [...places]) {
    const shown = rows.map((row) => (row.what.startsWith('>') ? { ...row, what: `>help ${row.what.slice(1)}` } : row))
    add(place === '' ? 'help' : `help ${place}`, ...shown)
  }
  add('', { word: 'help', what: '>help', note: '' })
  for (const command of Object.values(commands)) add(command.id.replaceAll(':', ' '), ...rowsWithin(command))
  for (const { key, words = [] } of SETTING_RULES) {
    const place = `config set ${key}`
    add('config set', { word: key, what: `>${place}`, note: '' })
    add(place, { word: '#0', what: `:${[...words, '-'].join(' ')}`, note: '' })
  }
  const [any] = Object.values(commands)
  return {
    places,
    everywhere: Object.values(any?.flags ?? {})
      .filter(isGlobal)
      .flatMap((flag) => flagRows('', flag)),
  }
}

const isGlobal = ({ helpGroup }: ManifestFlag): boolean => helpGroup === 'GLOBAL'

function rowsWithin({ id, args, flags }: ManifestCommand): Row[] {
  // Which values a setting takes is behind its key.
  const named = id === 'config:set' ? [] : Object.values(args)
  const taken = named.map(({ name }, at) => ({ word: `#${at}`, what: takes(id, name), note: '' }))
  const own = Object.values(flags).filter((flag) => !isGlobal(flag))
  return [...taken, ...own.flatMap((flag) => flagRows(id, flag))]
}

function flagRows(command: string, { name, char, type, summary = '' }: ManifestFlag): Row[] {
  const long = { word: `--${name}`, what: type === 'option' ? takes(command, name) : '', note: summary }
  return char === undefined ? [long] : [{ word: `-${char}`, what: `=--${name}`, note: '' }, long]
}

function takes(command: string, name: string): string {
  const kind = kindOf(command, name) ?? 'any'
  if (typeof kind !== 'string') return `:${kind.join(' ')}`
  const words = WORDS[kind]
  return words === undefined ? kind : `:${words.join(' ')}`
}

const KEYS = keyWords().map(({ key }) => key)

/** Kinds whose words are the same everywhere. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  key: KEYS,
  setting: SETTING_KEYS,
  word: [...KEYS, ...Object.keys(ERRORS), ...EXIT_CODES.map(([code]) => String(code)), ...SETTING_KEYS],
}
