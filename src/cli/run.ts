import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Config } from '@oclif/core/config'
import type { Hook } from '@oclif/core/hooks'
import { EfsError } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { commandOf, normalised, spokenOf } from './argv.js'
import { COMMANDS } from './command-files.js'
import { errorDocument, errorText } from './print-error.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const HELP = new Set(['--help', '-h'])

/** Runs the command line of this process. */
export async function run(argv: readonly string[]): Promise<void> {
  quietPipes()
  await runLine(argv)
}

/** Runs one command line. Sets `process.exitCode`; never throws for what a user can cause. */
export async function runLine(argv: readonly string[]): Promise<void> {
  const words = normalised(argv)
  if (words[0] === '--version') {
    process.stdout.write(`efs/${version()} ${process.platform}-${process.arch} node-${process.version}\n`)
    return
  }
  const asked = words[0] === 'help' ? normalised(words.slice(1)) : words
  if (asked.length === 0 || asked.length < words.length || askedForHelp(words)) return showHelp(asked)
  const found = commandOf(words, COMMANDS)
  if (!found) return refuse(unknownCommand(await catalogue(), words), words)
  const Found = COMMANDS.load(found.id)
  await new Found(found.rest, new BareConfig({ root: ROOT })).run()
}

/** What a command is run with: it asks the framework for nothing but to parse. */
class BareConfig extends Config {
  override async runHook(): Promise<Hook.Result<never>> {
    return { successes: [], failures: [] }
  }
}

/** All commands and topics with their texts. Reading them takes longer than most commands, and only what explains them asks for it. */
const catalogue = (): Promise<Config> => Config.load({ root: ROOT })

/** A reader of the data that has seen enough closes the pipe; that ends the program quietly. Talk may go unheard, also where the terminal is gone. */
function quietPipes(): void {
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
  })
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
}

/** Behind `--` everything is an argument. */
function askedForHelp(words: readonly string[]): boolean {
  const stop = words.indexOf('--')
  return (stop < 0 ? words : words.slice(0, stop)).some((word) => HELP.has(word))
}

async function showHelp(words: readonly string[]): Promise<void> {
  const { TeachingHelp } = await import('./teaching-help.js')
  const config = await catalogue()
  const spoken = spokenOf(words)
  const found = commandOf(spoken, COMMANDS)
  const isTopic = spoken.length === 1 && config.findTopic(spoken[0] ?? '') !== undefined
  if (spoken.length > 0 && !found && !isTopic) return refuse(unknownCommand(config, spoken), words)
  await new TeachingHelp(config, { hideCommandSummaryInDescription: true }).showHelp(found ? [found.id] : spoken)
}

function unknownCommand(config: Config, words: readonly string[]): EfsError {
  const known = config.commandIDs.map((id) => id.replaceAll(':', ' '))
  const typed = spokenOf(words).slice(0, 2)
  const [topic = ''] = typed
  const verbs = known.filter((id) => id.startsWith(`${topic} `))
  if (verbs.length > 0) {
    const verb = nearest(
      typed[1] ?? '',
      verbs.map((id) => id.slice(topic.length + 1)),
    )
    const what = typed.length > 1 ? `no command 'efs ${typed.join(' ')}'` : `'efs ${topic}' needs a verb`
    const hint = verb
      ? `did you mean 'efs ${topic} ${verb}'?`
      : `it has ${verbs.map((id) => id.slice(topic.length + 1)).join(', ')}`
    return new EfsError('USAGE', what, { hint })
  }
  const close =
    nearest(typed.join(' '), known) ??
    nearest(topic, new Set([...known.map((id) => id.split(' ', 1)[0] ?? ''), 'help']))
  const hint = close ? `did you mean 'efs ${close}'?` : "'efs --help' lists all"
  return new EfsError('USAGE', topic === '' ? 'no command given' : `no command 'efs ${topic}'`, { hint })
}

/** Says what is wrong with a command line. */
export function refuse(error: EfsError, words: readonly string[]): void {
  process.exitCode = error.exit
  if (words.includes('--json')) process.stdout.write(`${JSON.stringify(errorDocument(error))}\n`)
  else process.stderr.write(errorText(error))
}

/** The version that `package.json` states. */
export const version = (): string =>
  (JSON.parse(readFileSync(new URL('../../../package.json', import.meta.url), 'utf8')) as { version: string }).version
