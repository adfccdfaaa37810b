// The blocks of a document, and the command lines in them. What a line is follows from the language of its block:
//   console   $ COMMAND, HOST$ COMMAND   is typed, at the machine HOST
//             > LINE                     is what the command then reads from its terminal
//             any other line             is what it says, stdout and stderr as they come
//   sh        each line is a command
//   crontab   a command behind five fields of time
//   ini       the command of a unit's ExecStart=, and the time of a timer's OnCalendar=, which is looked at

export interface Block {
  readonly language: string
  /** The heading that it stands below. */
  readonly chapter: string
  readonly lines: readonly string[]
  /** Of its first line in the document, for who has to find it. */
  readonly line: number
}

export interface Step {
  readonly host: string
  readonly command: string
  readonly typed: readonly string[]
  readonly shown: readonly string[]
  /** For who has to find it: the line in the document. */
  readonly line: number
}

/** All blocks of a page, in their order. */
export function blocksOf(page: string): Block[] {
  const blocks: (Block & { lines: string[] })[] = []
  let chapter = ''
  let open: (typeof blocks)[number] | undefined
  for (const [at, text] of page.split('\n').entries()) {
    if (text.startsWith('```')) {
      open = open ? undefined : { language: text.slice(3), chapter, lines: [], line: at + 2 }
      if (open) blocks.push(open)
    } else if (open) open.lines.push(text)
    else chapter = /^#+ (.*)/.exec(text)?.[1] ?? chapter
  }
  return blocks
}

/** What is typed of a block. @throws where its language has no commands */
export function stepsOf(block: Block): Step[] {
  if (block.language === 'console') return consoleSteps(block)
  const commandIn = COMMAND_IN[block.language]
  if (commandIn === undefined)
    throw new Error(`line ${block.line}: no commands are known in a block of '${block.language}'`)
  return block.lines.flatMap((text, at) => {
    const command = commandIn(text)
    return command === undefined ? [] : [{ host: '', command, typed: [], shown: [], line: block.line + at }]
  })
}

const COMMAND_IN: Readonly<Record<string, (line: string) => string | undefined>> = {
  sh: (line) => (/^\s*(#|$)/.test(line) ? undefined : line),
  crontab: (line) => /^(?:\S+\s+){5}(.+)$/.exec(line)?.[1],
  ini: (line) => {
    const [, key, value = ''] = /^(ExecStart|OnCalendar)=(.*)$/.exec(line) ?? []
    if (key === 'OnCalendar') return `systemd-analyze calendar '${value}'`
    return key && value.replaceAll('%h', '$HOME')
  },
}

const COMMAND = /^([a-z][a-z0-9-]*)?\$ (.*)$/

function consoleSteps(block: Block): Step[] {
  const steps: { host: string; command: string; typed: string[]; shown: string[]; line: number }[] = []
  for (const [at, text] of block.lines.entries()) {
    const command = COMMAND.exec(text)
    const last = steps.at(-1)
    const line = block.line + at
    if (command) steps.push({ host: command[1] ?? '', command: command[2] ?? '', typed: [], shown: [], line })
    else if (last === undefined) throw new Error(`line ${line} of a console is above the first command: ${text}`)
    else if (text.startsWith('> ')) last.typed.push(text.slice(2))
    else last.shown.push(text)
  }
  return steps
}
