import type { Command } from '@oclif/core/command'
import { bold, italic } from './roff.js'

/** What a page needs to know of a command: what oclif keeps in its manifest. */
export type PageCommand = Pick<Command.Cached, 'id' | 'summary' | 'description' | 'examples' | 'args' | 'flags'>

export type PageFlag = PageCommand['flags'][string]

export interface Topic {
  readonly name: string
  /** What it is in one line, and in a paragraph. */
  readonly line: string
  readonly more: string
}

export interface Catalogue {
  readonly commands: readonly PageCommand[]
  readonly topics: readonly Topic[]
  readonly version: string
}

export const wordsOf = ({ id }: PageCommand): string => id.replaceAll(':', ' ')

export const pageNameOf = ({ id }: PageCommand): string => `efs-${id.replaceAll(':', '-')}`

export const commandsOf = ({ commands }: Catalogue, topic: string): PageCommand[] =>
  commands.filter(({ id }) => id.startsWith(`${topic}:`))

export const withoutTopic = ({ commands }: Catalogue): PageCommand[] => commands.filter(({ id }) => !id.includes(':'))

const isGlobal = (flag: PageFlag): boolean => flag.helpGroup === 'GLOBAL'

export const ownFlags = ({ flags }: PageCommand): PageFlag[] => Object.values(flags).filter((flag) => !isGlobal(flag))

export const globalFlags = ({ commands }: Catalogue): PageFlag[] =>
  Object.values(commands[0]?.flags ?? {}).filter(isGlobal)

export const hasFilters = ({ flags }: PageCommand): boolean =>
  Object.values(flags).some(({ helpGroup }) => helpGroup === 'FILTER')

/** How an argument stands in a synopsis, escaped. */
export const argumentsOf = ({ args }: PageCommand): string[] =>
  Object.values(args).map(({ name, required }) => unless(required, italic(name.toUpperCase())))

/** How a flag stands in a synopsis, escaped; it is not broken over two lines, and its dots end no sentence. */
export const flagUsage = (flag: PageFlag): string =>
  `${unless(flag.required, long(flag).replaceAll(' ', '\\ '))}${flag.type === 'option' && flag.multiple ? '...\\&' : ''}`

/** How a flag stands above what it means, escaped. */
export const flagHead = (flag: PageFlag): string =>
  `${flag.char === undefined ? '' : `${bold(`-${flag.char}`)}, `}${long(flag)}`

const long = (flag: PageFlag): string =>
  `${bold(`--${flag.name}`)}${flag.type === 'option' ? ` ${italic(String(flag.helpValue ?? 'VALUE'))}` : ''}`

const unless = (required: boolean | undefined, escaped: string): string => (required ? escaped : `[${escaped}]`)
