import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Config } from '@oclif/core/config'
import type { Hook } from '@oclif/core/hooks'
import { EfsError, systemCode } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { beforeStop, commandOf, GLOBAL_FLAGS, misplaced, normalised, overfull, spokenOf } from './argv.js'
import { COMMANDS } from './command-files.js'
import { asEfsError, errorDocument, errorText } from './print-error.js'
import { wentUnheard } from './screen/unheard.js'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const HELP = new Set(['--help', '-h'])

/** Runs the command line of this process. */
export async function run(argv: readonly string[]): Promise<void> {
  watchOutputs()
  await runLine(argv)
}

/** Runs one command line. Sets `process.exitCode`; never throws for what a user can cause. */
export async function runLine(argv: readonly string[]): Promise<void> {
  const words = normalised(argv)
  if (words[0] === '--version') {
    process.stdout.write(`efs/${version()} ${process.platform}-${process.arch} node-${process.version}\n`)
    return
  }
  const asked = words[0] === 'help' ? normalised(words.filter((word) => word !== 'help')) : words
  if (asked.length === 0 || asked.length < words.length || askedForHelp(words)) return showHelp(asked)
  const found = commandOf(words, COMMANDS)
  if (!found) return refuse(unknownCommand(await catalogue(), words), words)
  const Found = COMMANDS.load(found.id)
  const flag = overfull(found.rest, { ...Found.baseFlags, ...Found.flags })
  if (flag !== undefined)
    return refuse(new EfsError('USAGE', `flag ${flag} takes no value`, { hint: `write ${flag} alone` }), words)
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

/** Talk may go unheard: the terminal is gone, or the disk that it is kept on is full. What is done goes on, and ends as it would. */
function watchOutputs(): void {
  process.stderr.on('error', () => undefined)
  process.stdout.on('error', (error) => {
    if (!wentUnheard(error)) outputFailed(error)
  })
}

/** Ends the program, of which the data cannot be written: quietly where its reader has seen enough and closes the pipe. */
export function outputFailed(error: Error): never {
  if (systemCode(error) === 'EPIPE') process.exit(0)
  const { code, message, hint } = asEfsError(error, new AbortController().signal)
  const failure = new EfsError(code, `cannot write the output: ${message}`, { hint, cause: error })
  process.stderr.write(errorText(failure))
  process.exit(failure.exit)
}

const askedForHelp = (words: readonly string[]): boolean => beforeStop(words).some((word) => HELP.has(word))

async function showHelp(words: readonly string[]): Promise<void> {
  const { TeachingHelp } = await import('./command/teaching-help.js')
  const config = await catalogue()
  const spoken = spokenOf(words)
  const found = commandOf(spoken, COMMANDS)
  const isTopic = spoken.length === 1 && config.findTopic(spoken[0] ?? '') !== undefined
  if (spoken.length > 0 && !found && !isTopic) return refuse(unknownCommand(config, spoken), words)
  await new TeachingHelp(config, { hideCommandSummaryInDescription: true }).showHelp(found ? [found.id] : spoken)
}

function unknownCommand(config: Config, words: readonly string[]): EfsError {
  const flag = misplaced(words, COMMANDS)
  if (flag !== undefined) return notGlobal(flag)
  const known = config.commandIDs.map((id) => id.replaceAll(':', ' '))
  const typed = spokenOf(words).slice(0, 2)
  const [topic = ''] = typed
  const verbs = known.filter((id) => id.startsWith(`${topic} `)).map((id) => id.slice(topic.length + 1))
  if (verbs.length > 0) {
    const verb = nearest(typed[1] ?? '', verbs)
    const what = typed.length > 1 ? `no command 'efs ${typed.join(' ')}'` : `'efs ${topic}' needs a verb`
    const hint = verb ? `did you mean 'efs ${topic} ${verb}'?` : `it has ${verbs.join(', ')}`
    return new EfsError('USAGE', what, { hint })
  }
  const close = nearestCommand(typed, known)
  const hint = close ? `did you mean 'efs ${close}'?` : "'efs --help' lists all"
  return new EfsError('USAGE', topic === '' ? 'no command given' : `no command 'efs ${topic}'`, { hint })
}

function notGlobal(flag: string): EfsError {
  const close = nearest(flag, GLOBAL_FLAGS)
  const hint =
    close === undefined
      ? `before a command only ${[...GLOBAL_FLAGS].join(', ')} may stand; those of its own come behind it`
      : `did you mean ${close}?`
  return new EfsError('USAGE', `${flag} is no global flag`, { hint })
}

/** What sounds alike in its first word, or was said the other way round. */
function nearestCommand(typed: readonly string[], known: readonly string[]): string | undefined {
  const [topic = ''] = typed
  const firstOf = (id: string): string => id.split(' ', 1)[0] ?? ''
  const alike = known.filter((id) => nearest(topic, [firstOf(id)]) !== undefined)
  const turned = typed.toReversed().join(' ')
  return (
    nearest(typed.join(' '), alike) ??
    nearest(topic, new Set([...known.map(firstOf), 'help'])) ??
    known.find((id) => id === turned)
  )
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
