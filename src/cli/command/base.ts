import { Command } from '@oclif/core/command'
import { boolean, string } from '@oclif/core/flags'
import { type App, openApp, type SecretSources } from '../../app/app.js'
import { EfsError } from '../../base/errors.js'
import { beforeStop } from '../argv.js'
import { JsonList, jsonText } from '../json-list.js'
import { asEfsError, errorDocument, errorText, isParseError } from '../print-error.js'
import { endSoon } from '../screen/own-process.js'
import { whileBusy } from '../screen/progress.js'
import { PLAIN_SCREEN, type Screen, screenFor } from '../screen/screen.js'
import { goOnUnheard, isUnheard } from '../screen/unheard.js'
import { configOf } from '../settings/config-folder.js'
import { homeOf, Settings } from '../settings/settings.js'
import { visible } from '../text/visible.js'

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

  /** A command that writes an event a line, or a list as it comes, prints its own JSON. */
  protected readonly streams: boolean = false
  /** A command that changes something, or whose status is its answer, goes on to its end where nobody reads what it writes. */
  protected readonly goesOn: boolean = false
  readonly #stop = new AbortController()
  /** Says something while a line is drawn, which makes way. */
  #aside: (say: () => void) => void = (say) => say()
  /** Read from argv before parsing, so that a parse error is printed as asked too. */
  protected readonly json = this.#asked('--json')
  protected readonly quiet = this.#asked('--quiet')
  /** What can be shown on stderr, and on stdout. */
  protected screen: Screen = PLAIN_SCREEN
  protected page: Screen = PLAIN_SCREEN
  /** Under `--json`: a document that is longer than should be held. Where the command fails half way, it ends with the error. */
  protected readonly list = new JsonList((text) => this.out(text))
  protected readonly settings = new Settings(process.env, configOf(process.env))

  protected abstract work(): Promise<Result>

  /** The result for people, with its final newline; empty where there is nothing to print. */
  protected abstract text(result: Result): string | Promise<string>

  /** Aborted by Ctrl-C. */
  protected get signal(): AbortSignal {
    return this.#stop.signal
  }

  /** Whether a signal that comes now is for this command. */
  protected hears(_signal: NodeJS.Signals): boolean {
    return true
  }

  override async run(): Promise<void> {
    const interrupted = (name: NodeJS.Signals): void => {
      if (!this.hears(name)) return
      if (this.signal.aborted) process.exit(130)
      this.#stop.abort(
        new EfsError('INTERRUPTED', 'interrupted', { hint: 'what was done is kept; run it again to go on' }),
      )
    }
    goOnUnheard(this.goesOn)
    process.on('SIGINT', interrupted)
    process.on('SIGTERM', interrupted)
    try {
      const isPlain = this.isPlain()
      this.screen = await screenFor(process.env, process.stderr, isPlain)
      this.page = await screenFor(process.env, process.stdout, isPlain)
      const result = await this.work()
      if (!this.json) await this.out(await this.text(result))
      else if (!this.streams) await this.out(`${jsonText(result)}\n`)
    } catch (error) {
      await this.#fail(error)
      // What nobody waits for any more, such as a program that was to give keys, does not keep the process.
      if (this.signal.aborted) endSoon()
    } finally {
      process.off('SIGINT', interrupted)
      process.off('SIGTERM', interrupted)
    }
  }

  /** Data, on stdout. Waits while the reader is slower than we are. */
  protected async out(data: string | Uint8Array): Promise<void> {
    let isTaken = data.length === 0 || isUnheard()
    if (!isTaken)
      this.#aside(() => {
        isTaken = process.stdout.write(data)
      })
    if (isTaken) return
    await new Promise<void>((resolve) => process.stdout.once('drain', resolve))
  }

  /** A name in a line on stdout: people read it on a terminal, whatever is in it, and a pipe gets it as it is. */
  protected shown(name: string): string {
    return this.page.columns === undefined ? name : visible(name)
  }

  /** An event line under `--json`. */
  protected event(event: Readonly<Record<string, unknown>>): Promise<void> {
    return this.json ? this.out(`${jsonText(event)}\n`) : Promise.resolve()
  }

  /** Talk, on stderr. */
  protected note(line: string): void {
    if (!this.quiet) this.#aside(() => process.stderr.write(`${line}\n`))
  }

  /** Runs what may take long: a terminal is told what is done, in words. */
  protected async busy<T>(what: string | (() => string), work: () => Promise<T>): Promise<T> {
    const screen = this.quiet || this.json ? PLAIN_SCREEN : this.screen
    try {
      return await whileBusy(screen, typeof what === 'string' ? () => what : what, (aside) => {
        this.#aside = aside
        return work()
      })
    } finally {
      this.#aside = (say) => say()
    }
  }

  protected app(flags: GlobalFlags & { readonly 's3-endpoint'?: string | undefined }): App {
    const s3Endpoint = flags['s3-endpoint'] ?? s3EndpointOf(process.env)
    return openApp({
      ...(s3Endpoint !== undefined && { s3Endpoint }),
      ...(process.env.AWS_CA_BUNDLE && { s3Authorities: process.env.AWS_CA_BUNDLE }),
      home: homeOf(this.settings, flags.home),
      config: configOf(process.env),
      secrets: secretsOf(process.env),
      note: (line) => this.note(line),
    })
  }

  /** Whether no colours are wanted, whatever the terminal can show. @throws USAGE where the settings are broken */
  protected isPlain(): boolean {
    return this.settings.get('color', this.#asked('--no-color') ? 'never' : undefined).value === 'never'
  }

  /** The exit status of a run that ended without an exception; set once, by the command. */
  protected ends(status: number): void {
    process.exitCode = status
  }

  async #fail(error: unknown): Promise<void> {
    const known = asEfsError(error, this.signal)
    process.exitCode = known.exit
    if (!this.json) process.stderr.write(errorText(known))
    else if (this.list.isOpen) await this.list.end(errorDocument(known))
    else await this.out(`${jsonText(errorDocument(known))}\n`)
    // What does not parse came from the command line, and may hold a secret.
    if (this.#asked('--verbose')) process.stderr.write(`${inspectable(isParseError(error) ? known : error)}\n`)
  }

  #asked(flag: string): boolean {
    return beforeStop(this.argv).includes(flag)
  }
}

const inspectable = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error)

/** As Amazon's own tools read it. */
const s3EndpointOf = (env: NodeJS.ProcessEnv): string | undefined =>
  env.AWS_ENDPOINT_URL_S3 || env.AWS_ENDPOINT_URL || undefined

/** `EFS_KEYRING=0` keeps secrets in a file; on Linux a keyring is reached over D-Bus alone. `EFS_REMOTE_AUTH` is a secret itself. */
function secretsOf(env: NodeJS.ProcessEnv): SecretSources {
  const isReachable = process.platform !== 'linux' || (env.DBUS_SESSION_BUS_ADDRESS ?? '') !== ''
  const keyring = env.EFS_KEYRING === '0' ? 'off' : isReachable ? 'try' : 'absent'
  return { keyring, ...(env.EFS_REMOTE_AUTH ? { fromEnvironment: env.EFS_REMOTE_AUTH } : {}) }
}
