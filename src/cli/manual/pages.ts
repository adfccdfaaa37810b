import { type Catalogue, hasFilters, type PageCommand, pageNameOf, wordsOf } from './catalogue.js'
import { commandPage, topicPage } from './command-pages.js'
import { partLines, partsOf, rowsUnder, type TypedRow } from './markdown.js'
import { overviewPage } from './overview.js'
import { page } from './page.js'
import { section } from './roff.js'

/** Pages that are documents of `docs/`. */
const DOCUMENTS = [
  {
    name: 'efs-addresses',
    section: 7,
    about: 'how efs names buckets, folders and places in S3',
    from: ['addresses.md'],
  },
  {
    name: 'efs-format',
    section: 5,
    about: 'packs, the index, and segments in S3',
    from: ['format.md', 'format-index.md'],
  },
]

/**
 * Every manual page by its file name, in man(7).
 * @param document the text of a file of `docs/`
 */
export function manualPages(unsorted: Catalogue, document: (file: string) => string): Map<string, string> {
  const commands = [...unsorted.commands].sort((a, b) => (a.id < b.id ? -1 : 1))
  const catalogue = { ...unsorted, commands }
  const { topics, version } = catalogue
  const rows = rowsUnder(document('cli.md'), 'command')
  const filters = partsOf(document('filters.md')).flatMap(partLines)
  return new Map([
    ['efs.1', overviewPage(partsOf(document('efs.md')), catalogue)],
    ...topics.map((topic): [string, string] => [`efs-${topic.name}.1`, topicPage(topic, catalogue)]),
    ...commands.map((command): [string, string] => [
      `${pageNameOf(command)}.1`,
      commandPage(command, catalogue, [...(hasFilters(command) ? filters : []), ...outputPart(command, rows)]),
    ]),
    ...DOCUMENTS.map(({ from, ...head }): [string, string] => {
      const [first, ...parts] = from.flatMap((file) => partsOf(document(file)))
      const lines = [{ title: 'Description', lines: first?.lines ?? [] }, ...parts].flatMap(partLines)
      return [`${head.name}.${head.section}`, page({ ...head, version }, lines)]
    }),
  ])
}

function outputPart(command: PageCommand, rows: readonly TypedRow[]): string[] {
  const words = wordsOf(command)
  const own = rows.filter(({ typed }) => typed.some((text) => text === words || text.startsWith(`${words} `)))
  return own.length === 0 ? [] : [...section('output and exit status'), ...own.flatMap(({ lines }) => lines)]
}
