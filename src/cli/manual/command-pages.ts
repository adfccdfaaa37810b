import {
  argumentsOf,
  type Catalogue,
  commandsOf,
  flagHead,
  flagUsage,
  ownFlags,
  type PageCommand,
  type PageFlag,
  pageNameOf,
  type Topic,
  wordsOf,
} from './catalogue.js'
import { page, reference, seeAlso } from './page.js'
import { bold, NO_HYPHENS, paragraph, prose, running, section, sentence, tagged, verbatim } from './roff.js'

/**
 * The page of one command.
 * @param more sections that follow its options
 */
export function commandPage(command: PageCommand, catalogue: Catalogue, more: readonly string[]): string {
  const { args, summary = '', description, examples = [] } = command
  const [topic, verb] = command.id.split(':')
  const flags = ownFlags(command)
  const siblings = verb === undefined ? [] : commandsOf(catalogue, topic ?? '').filter(({ id }) => id !== command.id)
  return page({ name: pageNameOf(command), section: 1, about: summary, version: catalogue.version }, [
    ...section('synopsis'),
    ...synopsis(command, [...flags.map(flagUsage), ...argumentsOf(command)]),
    ...section('description'),
    ...paragraphs(description ?? sentence(summary)),
    ...Object.values(args).flatMap((arg) =>
      tagged(bold(arg.name.toUpperCase()), running(prose(arg.description ?? ''))),
    ),
    ...section('options'),
    ...options(flags),
    ...paragraph(`The global options, and what exit codes mean, are in ${reference('efs')}.`),
    ...more,
    ...examplesPart(examples),
    ...seeAlso([
      reference('efs'),
      ...(verb === undefined ? [] : [reference(`efs-${topic}`)]),
      ...siblings.map((sibling) => reference(pageNameOf(sibling))),
      reference('efs-addresses', 7),
    ]),
  ])
}

/** The page of a topic: what it is, what its commands are, with a first example of each. */
export function topicPage({ name, line, more }: Topic, catalogue: Catalogue): string {
  const commands = commandsOf(catalogue, name)
  return page({ name: `efs-${name}`, section: 1, about: line, version: catalogue.version }, [
    ...section('synopsis'),
    ...commands.flatMap((command) => synopsis(command, ['[\\fIoptions\\fR]', ...argumentsOf(command)])),
    ...section('description'),
    ...paragraphs(more),
    ...section('commands'),
    ...commands.flatMap((command) =>
      tagged(reference(pageNameOf(command)), running(prose(sentence(command.summary ?? '')))),
    ),
    ...examplesPart(commands.flatMap(({ examples = [] }) => examples.slice(0, 1))),
    ...seeAlso([reference('efs'), reference('efs-addresses', 7)]),
  ])
}

export const options = (flags: readonly PageFlag[]): string[] =>
  flags.flatMap((flag) => tagged(flagHead(flag), running(prose(flag.summary ?? ''))))

/** The words of a command hang, what follows them is filled in beside. */
const synopsis = (command: PageCommand, rest: readonly string[]): string[] => [
  `.SY "efs ${wordsOf(command)}"`,
  ...rest,
  '.YS',
  NO_HYPHENS,
]

const paragraphs = (text: string): string[] => text.split('\n\n').flatMap((part) => paragraph(prose(part)))

function examplesPart(examples: NonNullable<PageCommand['examples']>): string[] {
  if (examples.length === 0) return []
  const parts = examples.flatMap((example) => {
    const { description, command } = typeof example === 'string' ? { description: '', command: example } : example
    return [
      ...(description === '' ? [] : paragraph(prose(description))),
      ...verbatim(command.replaceAll('<%= config.bin %>', 'efs')),
    ]
  })
  return [...section('examples'), ...parts]
}
