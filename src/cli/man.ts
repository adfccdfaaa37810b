import type { Command } from '@oclif/core/command'
import { EXIT_CODES } from './exit-codes.js'

/** What a page needs to know of a command: what oclif keeps in its manifest. */
export type PageCommand = Pick<Command.Cached, 'id' | 'summary' | 'description' | 'examples' | 'args' | 'flags'>

interface Topic {
  readonly name: string
  readonly description: string
}

const LINE_MAX = 76
/** Changes with the wording, not with the day of the build, so that the pages are the same wherever they are made. */
const DATE = 'November 23, 2026'

/** Every manual page by its file name, in mdoc. */
export function manualPages(commands: readonly PageCommand[], topics: readonly Topic[]): Map<string, string> {
  const sorted = [...commands].sort((a, b) => (a.id < b.id ? -1 : 1))
  const alone = sorted
    .filter(({ id }) => !id.includes(':'))
    .map(({ id, summary = '' }) => ({ name: id, description: summary }))
  const all = [...topics, ...alone].sort((a, b) => (a.name < b.name ? -1 : 1))
  const pages = all.map(({ name, description }): [string, string] => {
    const own = sorted.filter(({ id }) => id === name || id.startsWith(`${name}:`))
    return [`efs-${name}.1`, topicPage(name, description, own)]
  })
  return new Map([['efs.1', mainPage(all, sorted)], ...pages])
}

function mainPage(topics: readonly Topic[], commands: readonly PageCommand[]): string {
  return page('efs', 'keeps buckets the same in two places', [
    '.Sh SYNOPSIS',
    '.Nm efs',
    '.Op Ar global options',
    '.Ar topic',
    '.Op Ar verb',
    '.Op Ar arguments',
    '.Sh DESCRIPTION',
    '.Nm efs',
    'cuts data into chunks that are named by their content, keeps each chunk once,',
    'and makes a bucket, a directory or another segment the same as its source.',
    'Only what the other side lacks is moved, and all of it is verified on arrival.',
    '.Pp',
    'Names are',
    '.Ar CLUSTER Ns / Ns Ar TENANT Ns / Ns Ar BUCKET ,',
    'and an object is',
    '.Ar BUCKET Ns / Ns Ar KEY .',
    'Data goes to standard output, talk goes to standard error.',
    '.Pp',
    '.Nm efscli',
    'is the same program.',
    '.Ss Topics',
    ...list(topics.map(({ name, description }) => [`.Xr efs-${name} 1`, description])),
    '.Ss Global options',
    ...flagList(commands[0], (flag) => flag.helpGroup === 'GLOBAL'),
    '.Sh ENVIRONMENT',
    ...list([
      ['.Ev EFS_HOME', 'the segment to work in, where no --home is given'],
      ['.Ev XDG_DATA_HOME', 'its folder efs is the segment, where neither is given; ~/.local/share/efs without it'],
      ['.Ev XDG_CONFIG_HOME', 'its folder efs holds the secrets of services; ~/.config/efs without it'],
      ['.Ev EFS_KEYRING', '0: secrets are kept in that folder, not in the keyring of the machine'],
      ['.Ev EFS_REMOTE_AUTH', 'the secret that is shown to peers, instead of any that is kept'],
      ['.Ev NO_COLOR', 'no colours'],
    ]),
    '.Sh EXIT STATUS',
    ...list(EXIT_CODES.map(([code, means]) => [`.No ${code}`, means])),
    '.Sh SEE ALSO',
    ...seeAlso(topics.map(({ name }) => `efs-${name}`)),
  ])
}

function topicPage(name: string, description: string, commands: readonly PageCommand[]): string {
  return page(`efs-${name}`, description, [
    '.Sh SYNOPSIS',
    ...commands.flatMap((command) => ['.Nm efs', ...usage(command)]),
    '.Sh DESCRIPTION',
    ...commands.flatMap(commandPart),
    '.Sh SEE ALSO',
    '.Xr efs 1',
  ])
}

function usage({ id, args, flags }: PageCommand): string[] {
  const parts = Object.values(args).map((arg) => (arg.required ? `.Ar ${arg.name}` : `.Op Ar ${arg.name}`))
  const hasOptions = Object.values(flags).some((flag) => flag.helpGroup !== 'GLOBAL')
  return [`.Cm ${id.replaceAll(':', ' ')}`, ...(hasOptions ? ['.Op Ar options'] : []), ...parts]
}

function commandPart(command: PageCommand): string[] {
  const { id, summary = '', description, args, examples = [] } = command
  return [
    `.Ss ${id.replaceAll(':', ' ')}`,
    ...text(sentence(summary)),
    ...(description === undefined ? [] : text(description)),
    ...list(Object.values(args).map((arg) => [`.Ar ${arg.name}`, arg.description ?? ''])),
    ...flagList(command, (flag) => flag.helpGroup !== 'GLOBAL'),
    ...(examples.length > 0 ? ['.Pp', 'Examples:'] : []),
    ...examples.map((example) => `.Dl ${plain(exampleText(example))}`),
  ]
}

type Flag = PageCommand['flags'][string]

function flagList(command: PageCommand | undefined, wanted: (flag: Flag) => boolean): string[] {
  const flags = Object.values(command?.flags ?? {}).filter(wanted)
  return list(flags.map((flag) => [flagHead(flag), flag.summary ?? '']))
}

function flagHead(flag: Flag): string {
  const value = flag.type === 'option' ? ` Ar ${flag.helpValue ?? 'VALUE'}` : ''
  return `.${flag.char === undefined ? '' : `Fl ${flag.char} , `}Fl -${flag.name}${value}`
}

/** A list with hanging heads; each head is a macro line. */
function list(rows: readonly (readonly [head: string, body: string])[]): string[] {
  if (rows.length === 0) return []
  return ['.Bl -tag -width Ds', ...rows.flatMap(([head, body]) => [`.It ${head.slice(1)}`, ...text(body)]), '.El']
}

const seeAlso = (names: readonly string[]): string[] =>
  names.map((name, i) => `.Xr ${name} 1${i < names.length - 1 ? ' ,' : ''}`)

const page = (name: string, description: string, lines: readonly string[]): string =>
  [
    `.Dd ${DATE}`,
    `.Dt ${name.toUpperCase()} 1`,
    '.Os efs',
    '.Sh NAME',
    `.Nm ${name}`,
    `.Nd ${plain(description)}`,
    ...lines,
    '',
  ].join('\n')

const exampleText = (example: Command.Example): string =>
  (typeof example === 'string' ? example : example.command).replaceAll('<%= config.bin %>', 'efs')

const sentence = (words: string): string => `${words.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())}.`

/** Running text in input lines: a sentence starts a new one, and none is long. */
function text(words: string): string[] {
  return words
    .split(/(?<=[.!?:]) +(?=\p{Lu})|\n/u)
    .flatMap((part) => part.match(new RegExp(`.{1,${LINE_MAX}}(?:\\s|$)|\\S+`, 'g')) ?? [])
    .map((line) => plain(line.trim()))
}

/** Words as they are, with what the formatter would take for its own made harmless. */
const plain = (words: string): string =>
  words
    .trim()
    .replaceAll('\\', '\\e')
    .replace(
      /[^\p{ASCII}]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )
    .replace(/^(?=[.'])/, '\\&')
