import { type ChildProcess, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { runningGateway } from '../../src/app/gateway/state.js'

export interface Said {
  readonly status: number
  readonly lines: readonly string[]
}

/** What is `/srv` at the machine with that folder. */
export const srvOf = (dir: string): string => `${dir}.srv`

const PROGRAMS = '.programs'
const COMMAND_MS_MAX = 150_000
const END = '\u001e'

const EFS = `#!/bin/sh\nexec "${process.execPath}" "${path.resolve('bin/efs.js')}" "$@"\n`

export interface Furnishing {
  readonly env?: Readonly<Record<string, string>> | undefined
  /** Scripts on its PATH, before all others: `efs`, unless that is to come in another way. */
  readonly programs?: Readonly<Record<string, string>> | undefined
  /** What the shell is started by: a program and its arguments, to which the shell's own are added. */
  readonly within?: readonly string[] | undefined
}

/** A user's folder with an environment of its own, and a shell that stands in it. */
export class Machine {
  readonly #shell: ChildProcess
  #heard = ''
  #wake = (): void => undefined

  constructor(
    readonly dir: string,
    { env = {}, programs = { efs: EFS, efscli: EFS }, within = [] }: Furnishing = {},
  ) {
    mkdirSync(path.join(dir, PROGRAMS), { recursive: true })
    mkdirSync(srvOf(dir))
    for (const [name, script] of Object.entries(programs)) {
      const file = path.join(dir, PROGRAMS, name)
      writeFileSync(file, script)
      chmodSync(file, 0o755)
    }
    const [program = 'bash', ...words] = [...within, 'bash', '--noprofile', '--norc']
    this.#shell = spawn(program, words, {
      cwd: dir,
      env: {
        PATH: `${path.join(dir, PROGRAMS)}${path.delimiter}${process.env.PATH ?? ''}`,
        HOME: dir,
        LANG: 'C.UTF-8',
        EFS_KEYRING: '0',
        ...env,
      },
    })
    this.#shell.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      this.#heard += piece
      this.#wake()
    })
    this.#shell.stdin?.write('exec 2>&1; shopt -s expand_aliases\n')
  }

  /**
   * Runs one command line with that on its stdin, in the state that those before left the shell in.
   * @throws when it takes minutes
   */
  async run(command: string, typed: readonly string[] = []): Promise<Said> {
    const input = path.join(this.dir, PROGRAMS, 'typed')
    writeFileSync(input, typed.map((line) => `${line}\n`).join(''))
    this.#heard = ''
    this.#shell.stdin?.write(`{ ${command}\n} < '${input}'; s=$?; printf '${END}%d${END}' $s; (exit $s)\n`)
    const end = new RegExp(`${END}(\\d+)${END}$`)
    const late = Date.now() + COMMAND_MS_MAX
    for (let ended = end.exec(this.#heard); ; ended = end.exec(this.#heard)) {
      if (ended) return { status: Number(ended[1]), lines: linesOf(this.#heard.slice(0, ended.index)) }
      if (Date.now() > late) throw new Error(`it does not end: ${command}\n${this.#heard}`)
      await this.#more(late - Date.now())
    }
  }

  /** Ends the shell, and the gateways that were started in the folder. */
  end(): void {
    this.#shell.kill()
    const beside = [this.dir, srvOf(this.dir)].flatMap((folder) =>
      readdirSync(folder).map((name) => path.join(folder, name)),
    )
    for (const home of [path.join(this.dir, '.local', 'share', 'efs'), ...beside]) {
      const gateway = runningGateway(home)
      if (gateway !== undefined) process.kill(gateway.process.pid, 'SIGKILL')
    }
  }

  async #more(ms: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    await new Promise<void>((resolve) => {
      this.#wake = resolve
      timer = setTimeout(resolve, ms)
    })
    clearTimeout(timer)
  }
}

const linesOf = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
