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
const GLOBAL_FLAGS = new Set(['--home', '--json', '--quiet', '--verbose', '--no-color'])

/**
 * Global flags that stand before the verb are moved behind everything else (oclif takes the first words for the
 * command), and a one-letter group is spelled out.
 */
export function normalised(argv: readonly string[]): string[] {
  const moved: string[] = []
  let at = 0
  for (; at < argv.length; at++) {
    const word = argv[at] ?? ''
    const name = word.split('=', 1)[0] ?? ''
    if (!GLOBAL_FLAGS.has(name)) break
    moved.push(word)
    if (VALUE_FLAGS.has(word)) moved.push(...argv.slice(++at, at + 1))
  }
  const [topic, ...rest] = argv.slice(at)
  if (topic === undefined) return moved
  const words = [ALIASES[topic] ?? topic, ...rest]
  const stop = words.indexOf('--')
  return stop < 0 ? [...words, ...moved] : [...words.slice(0, stop), ...moved, ...words.slice(stop)]
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
