import { EXIT_CODES } from '../exit-codes.js'
import { type Catalogue, commandsOf, globalFlags, type PageCommand, withoutTopic, wordsOf } from './catalogue.js'
import { options } from './command-pages.js'
import { type Part, partLines } from './markdown.js'
import { page, reference, seeAlso } from './page.js'
import { bold, compact, paragraph, prose, section, sentence, subsection } from './roff.js'

/** Fits the longest pair of topic and verb. */
const COMMAND_WIDTH = 20

/** efs(1): the parts of its document, and between them what commands and tables say. */
export function overviewPage(parts: readonly Part[], catalogue: Catalogue): string {
  const from = (title: string): string[] => {
    const part = parts.find((one) => one.title === title)
    if (part === undefined) throw new TypeError(`efs(1) lacks a part: ${title}`)
    return partLines(part)
  }
  return page({ name: 'efs', section: 1, about: 'keeps buckets the same in two places', version: catalogue.version }, [
    ...from('Synopsis'),
    ...from('Description'),
    ...from('Words'),
    ...section('commands'),
    ...commandRows(withoutTopic(catalogue)),
    ...catalogue.topics.flatMap(({ name, line }) => [
      ...subsection(name),
      ...paragraph(prose(sentence(line))),
      ...commandRows(commandsOf(catalogue, name)),
    ]),
    ...section('global options'),
    ...options(globalFlags(catalogue)),
    ...from('Environment'),
    ...from('Files'),
    ...section('exit status'),
    ...compact(
      6,
      EXIT_CODES.map(([code, means]) => [bold(String(code)), prose(means)]),
    ),
    ...from('Examples'),
    ...seeAlso([
      ...withoutTopic(catalogue).map(({ id }) => reference(`efs-${id}`)),
      ...catalogue.topics.map(({ name }) => reference(`efs-${name}`)),
      reference('efs-addresses', 7),
      reference('efs-format', 5),
    ]),
  ])
}

const commandRows = (commands: readonly PageCommand[]): string[] =>
  compact(
    COMMAND_WIDTH,
    commands.map((command) => [bold(wordsOf(command)), prose(command.summary ?? '')]),
  )
