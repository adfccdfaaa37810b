import { bold, literal, NO_HYPHENS, prose, running, section } from './roff.js'

/** Of the last release that changed the words, not of the build: the pages are the same wherever they are made. */
const DATE = '2026-11-28'

export interface Head {
  readonly name: string
  readonly section: number
  readonly about: string
  readonly version: string
}

/** A whole page: its title, what it is about, and the rest. A paragraph right below a heading begins by itself. */
export const page = (head: Head, lines: readonly string[]): string =>
  [
    `.TH ${head.name.toUpperCase()} ${head.section} ${DATE} "efs ${head.version}" "efs manual"`,
    '.ad l',
    NO_HYPHENS,
    ...section('name'),
    ...running(`${literal(head.name)} \\- ${prose(head.about)}`),
    ...lines.filter((line, i) => line !== '.PP' || !/^\.S[HS]/.test(lines[i - 1] ?? '')),
    '',
  ].join('\n')

/** Another page, as text refers to it. */
export const reference = (name: string, number = 1): string => `${bold(name)}(${number})`

export const seeAlso = (references: readonly string[]): string[] => [
  ...section('see also'),
  ...references.map((one, i) => (i < references.length - 1 ? `${one},` : one)),
]
