import { homedir } from 'node:os'
import path from 'node:path'
import { Command } from '@oclif/core/command'
import { boolean, string } from '@oclif/core/flags'
import { type App, openApp, type SecretSources } from '../app/app.js'
import { EfsError } from '../base/errors.js'
import { asEfsError, errorJson, errorText } from './print-error.js'
import { PLAIN_SCREEN, type Screen, screenFor } from './screen.js'

export interface GlobalFlags {
  readonly home?: string | undefined
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  readonly 'no-color': boolean
}

/**
 * What every command shares: the global flags, one way to print, one way to fail.
 * A command parses in `work`, calls one use-case and returns its data; `text` says how people read that data.
 */
export abstract class EfsCommand<Result> extends Command {
  static override baseFlags = {
    home: string({ helpValue: 'DIR', summary: 'the segment to work in', helpGroup: 'GLOBAL' }),
    json: boolean({ summary: 'one JSON document on stdout', helpGroup: 'GLOBAL' }),
    quiet: boolean({ summary: 'no talk on stderr, only errors', helpGroup: 'GLOBAL' }),
    verbose: boolean({ summary: 'show where an error came from', helpGroup: 'GLOBAL' }),
    'no-color': boolean({ summary: 'no colours', helpGroup: 'GLOBAL' }),
  }

  /** A command that writes an event a line prints its own JSON. */
  protected readonly streams: boolean = false
  readonly #stop = new AbortController()
  /** Read from argv before parsing, so that a parse error is printed as asked too. */
  protected readonly json = this.#asked('--json')
  protected readonly quiet = this.#asked('--quiet')
  protected screen: Screen = PLAIN_SCREEN

  protected abstract work(): Promise<Result>

  /** The result for people, with its final newline; empty where there is nothing to print. */
  protected abstract text(result: Result): string

  /** Aborted by Ctrl-C. */
  protected get signal(): AbortSignal {
    return this.#stop.signal
  }

  override async run(): Promise<void> {
    const interrupted = (): void => {
      if (this.signal.aborted) process.exit(130)
      this.#stop.abort(
        new EfsError('INTERRUPTED', 'interrupted', { hint: 'what was done is kept; run it again to go on' }),
      )
    }
    process.on('SIGINT', interrupted)
    process.on('SIGTERM', interrupted)
    try {
      this.screen = await screenFor(process.env, process.stderr.isTTY === true, this.#asked('--no-color'))
      const result = await this.work()
      if (!this.json) await this.out(this.text(result))
      else if (!this.streams) await this.out(`${JSON.stringify(result, plainNumbers)}\n`)
    } catch (error) {
      await this.#fail(error)
    } finally {
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
    }
  }

  /** Data, on stdout. Waits while the reader is slower than we are. */
  protected async out(data: string | Uint8Array): Promise<void> {
    if (data.length === 0 || process.stdout.write(data)) return
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve))
  }

  /** An event line under `--json`. */
  protected event(event: Readonly<Record<string, unknown>>): Promise<void> {
    return this.json ? this.out(`${JSON.stringify(event, plainNumbers)}\n`) : Promise.resolve()
  }

  /** Talk, on stderr. */
  protected note(line: string): void {
    if (!this.quiet) process.stderr.write(`${line}\n`)
  }

  protected app(flags: GlobalFlags): App {
    return openApp({
      home: path.resolve(flags.home ?? homeOf(process.env)),
      config: configOf(process.env),
      secrets: secretsOf(process.env),
      note: (line) => this.note(line),
    })
  }

  /** The exit status of a run that ended without an exception; set once, by the command. */
  protected ends(status: number): void {
    process.exitCode = status
  }

  async #fail(error: unknown): Promise<void> {
    const known = asEfsError(error, this.signal)
    // oclif warns developers of a command that never parsed; one that failed to parse is not such a one.
    this.parsed = true
    process.exitCode = known.exit
    if (this.json) await this.out(errorJson(known))
    else process.stderr.write(errorText(known))
    if (this.#asked('--verbose')) process.stderr.write(`${inspectable(error)}\n`)
  }

  #asked(flag: string): boolean {
    const stop = this.argv.indexOf('--')
    return (stop < 0 ? this.argv : this.argv.slice(0, stop)).includes(flag)
  }
}

const inspectable = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** JSON has no big integers; nanoseconds are written as decimal strings. */
export const plainNumbers = (_key: string, value: unknown): unknown =>
  typeof value === 'bigint' ? value.toString() : value

/** `$EFS_HOME`, else the platform's folder for data. */
function homeOf(env: NodeJS.ProcessEnv): string {
  if (env.EFS_HOME) return env.EFS_HOME
  if (process.platform === 'darwin') return path.join(homedir(), 'Library', 'Application Support', 'efs')
  return path.join(env.XDG_DATA_HOME || path.join(homedir(), '.local', 'share'), 'efs')
}

/** `$XDG_CONFIG_HOME/efs`, else `~/.config/efs`. */
const configOf = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_CONFIG_HOME || path.join(homedir(), '.config'), 'efs')

/** `EFS_KEYRING=0` keeps secrets in a file; on Linux a keyring is reached over D-Bus alone. `EFS_REMOTE_AUTH` is a secret itself. */
function secretsOf(env: NodeJS.ProcessEnv): SecretSources {
  const isReachable = process.platform !== 'linux' || (env.DBUS_SESSION_BUS_ADDRESS ?? '') !== ''
  const keyring = env.EFS_KEYRING === '0' ? 'off' : isReachable ? 'try' : 'absent'
  return { keyring, ...(env.EFS_REMOTE_AUTH ? { fromEnvironment: env.EFS_REMOTE_AUTH } : {}) }
}
