/** As the old tool resolved its one-letter names, also where two groups claimed the same letter. */
export const ALIASES: Readonly<Record<string, string>> = {
  b: 'bucket',
  c: 'cluster',
  o: 'object',
  s: 'service',
  t: 'tenant',
  u: 'user',
}

const VALUE_FLAGS = new Set(['--home'])
export const GLOBAL_FLAGS: ReadonlySet<string> = new Set(['--home', '--json', '--quiet', '--verbose', '--no-color'])

/**
 * Global flags that stand before the verb are moved behind everything else (oclif takes the first words for the
 * command), and a one-letter group is spelled out.
 */
export function normalised(argv: readonly string[]): string[] {
  const moved: string[] = []
  const spoken: string[] = []
  let at = 0
  for (; at < argv.length && spoken.length < 2; at++) {
    const word = argv[at] ?? ''
    if (!word.startsWith('-')) spoken.push(word)
    else if (!GLOBAL_FLAGS.has(nameOf(word))) break
    else moved.push(word, ...(VALUE_FLAGS.has(word) ? argv.slice(++at, at + 1) : []))
  }
  const [topic, ...rest] = [...spoken, ...argv.slice(at)]
  if (topic === undefined) return moved
  const words = [ALIASES[topic] ?? topic, ...rest]
  const stop = words.indexOf('--')
  return stop < 0 ? [...words, ...moved] : [...words.slice(0, stop), ...moved, ...words.slice(stop)]
}

/** The name of a flag, which may stand before its value. */
const nameOf = (word: string): string => word.split('=', 1)[0] ?? ''

/** A flag that is none of the global ones, where only those may stand: before the verb. Its value may be a secret, and is left out. */
export function misplaced(words: readonly string[], ids: Pick<ReadonlySet<string>, 'has'>): string | undefined {
  const at = words.findIndex((word) => word.startsWith('-') && !GLOBAL_FLAGS.has(nameOf(word)))
  if (at < 0) return undefined
  const isFirst = spokenOf(words.slice(0, at)).length === 0
  return isFirst || commandOf(spokenOf(words), ids) !== undefined ? nameOf(words[at] ?? '') : undefined
}

/** A flag of those `flags` that was given a value, and takes none. */
export const overfull = (
  words: readonly string[],
  flags: Readonly<Record<string, { readonly type: string }>>,
): string | undefined =>
  beforeStop(words)
    .filter((word) => word.includes('=') && flags[nameOf(word).replace(/^--/, '')]?.type === 'boolean')
    .map(nameOf)[0]

/** Behind `--` everything is an argument. */
export function beforeStop(words: readonly string[]): readonly string[] {
  const stop = words.indexOf('--')
  return stop < 0 ? words : words.slice(0, stop)
}

/** The words that are no flags, and not the value of a global one. */
export const spokenOf = (words: readonly string[]): string[] =>
  words.filter((word, at) => !word.startsWith('-') && !VALUE_FLAGS.has(words[at - 1] ?? ''))

/** The longest run of leading words that names a command, joined by `:`; undefined where none does. */
export function commandOf(
  words: readonly string[],
  ids: Pick<ReadonlySet<string>, 'has'>,
): { id: string; rest: string[] } | undefined {
  for (let length = Math.min(words.length, 3); length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (ids.has(id)) return { id, rest: words.slice(length) }
  }
  return undefined
}
