import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { runningGateway } from '../../src/app/gateway/state.js'

export interface Ended {
  readonly status: number | null
  readonly stdout: string
  readonly stderr: string
}

const EFS = path.resolve('bin/efs.js')

/** A temporary folder with an environment of its own, gone when the test ends, whatever its end. */
export class World {
  readonly dir: string
  /** The file that is `efs`. */
  readonly program = EFS
  readonly #env: NodeJS.ProcessEnv
  readonly #children = new Set<ChildProcess>()

  /** `env` is beside what each world has; `through` is what runs all commands. */
  constructor(
    env: NodeJS.ProcessEnv = {},
    readonly through: readonly string[] = [],
  ) {
    this.dir = mkdtempSync(path.join(tmpdir(), 'efs-e2e-'))
    this.#env = {
      PATH: process.env.PATH,
      LANG: 'C.UTF-8',
      HOME: this.dir,
      EFS_HOME: this.at('home'),
      XDG_CONFIG_HOME: this.at('config'),
      XDG_DATA_HOME: this.at('data'),
      EFS_KEYRING: '0',
      ...env,
    }
    onTestFinished(() => {
      for (const child of this.#children) child.kill('SIGKILL')
      for (const name of readdirSync(this.dir)) endGateway(this.at(name))
      rmSync(this.dir, { recursive: true, force: true })
    })
  }

  at(...parts: string[]): string {
    return path.join(this.dir, ...parts)
  }

  /** Runs `efs` to its end. */
  efs(...args: string[]): Ended {
    return this.run(process.execPath, EFS, ...args)
  }

  /** Runs `efs` to its end, with that on its stdin. */
  efsReading(input: string, ...args: string[]): Ended {
    return this.#spawn(process.execPath, [EFS, ...args], input)
  }

  /** As `efs`, without root's power to read and write what its modes forbid. */
  efsUnprivileged(...args: string[]): Ended {
    return this.run(
      'setpriv',
      '--bounding-set=-dac_override,-dac_read_search',
      '--inh-caps=-all',
      process.execPath,
      EFS,
      ...args,
    )
  }

  run(program: string, ...args: string[]): Ended {
    return this.#spawn(program, args, '')
  }

  #spawn(program: string, args: readonly string[], input: string): Ended {
    const [first = program, ...rest] = [...this.through, program, ...args]
    const { status, stdout, stderr } = spawnSync(first, rest, {
      cwd: this.dir,
      env: this.#env,
      input,
      encoding: 'utf8',
      maxBuffer: 1 << 28,
    })
    return { status, stdout, stderr }
  }

  /** Runs `efs` and gives its JSON document. */
  json(...args: string[]): unknown {
    const { stdout } = this.efs(...args, '--json')
    return JSON.parse(stdout)
  }

  /** The last event of a command that writes an event a line. */
  summary(...args: string[]): Record<string, unknown> {
    const { stdout } = this.efs(...args, '--json')
    return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '')
  }

  /** Starts `efs` in the background; it is killed at the latest when the test ends. */
  start(...args: string[]): ChildProcess {
    return this.#start('ignore', process.execPath, EFS, ...args)
  }

  /** The same at a terminal of its own, 80 columns wide: what is written to it is typed, what it gives is what is shown. */
  startAtTerminal(...args: string[]): ChildProcess {
    // Without exec some shells stay, and are interrupted too.
    const command = ['stty cols 80; exec', process.execPath, EFS, ...args].join(' ')
    return this.#start('pipe', 'script', '--quiet', '--return', '--flush', '--command', command, '/dev/null')
  }

  #start(stdin: 'ignore' | 'pipe', program: string, ...args: string[]): ChildProcess {
    const [first = program, ...rest] = [...this.through, program, ...args]
    const child = spawn(first, rest, { cwd: this.dir, env: this.#env, stdio: [stdin, 'pipe', 'pipe'] })
    this.#children.add(child)
    child.once('exit', () => this.#children.delete(child))
    return child
  }

  write(name: string, content: string | Uint8Array): void {
    mkdirSync(path.dirname(this.at(name)), { recursive: true })
    writeFileSync(this.at(name), content)
  }
}

/** The gateway in the background that a test left, and nobody else. */
function endGateway(home: string): void {
  const gateway = runningGateway(home)
  if (gateway !== undefined) process.kill(gateway.process.pid, 'SIGKILL')
}

/** Bytes that repeat for a seed and do not compress. */
export function noise(seed: number, length: number): Buffer {
  const out = Buffer.allocUnsafe(length + 4)
  let state = seed | 0 || 1
  for (let at = 0; at < length; at += 4) {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    out.writeInt32LE(state, at)
  }
  return out.subarray(0, length)
}
