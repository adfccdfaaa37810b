import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { expect, onTestFinished, vi } from 'vitest'
import { commandOf } from '../../src/cli/argv.js'
import { run } from '../../src/cli/run.js'
import { World } from '../e2e/world.js'

type Fields = Readonly<Record<string, unknown>>

const FOLDER = path.resolve('docs/schemas')

/** Those whose stdout under `--json` is an event a line, the last of type `summary`; all others write one document. */
export const EVENTS: ReadonlySet<string> = new Set([
  'apply',
  'conflict:resolve',
  'doctor',
  'endpoint:check',
  'gateway:logs',
  'gateway:run',
  'run:undo',
  'service:check',
  'service:sync',
  'sync',
  'system:check',
  'wait',
])

/** All but the toolbox, which writes only what the commands in it do. */
export const COMMANDS: ReadonlySet<string> = new Set(
  Object.keys(JSON.parse(readFileSync('oclif.manifest.json', 'utf8')).commands).filter((id) => id !== 'toolbox'),
)

export const schemaFile = (id: string): string => `${id.replaceAll(':', '-')}.schema.json`

/** By file name. */
export const schemas: ReadonlyMap<string, Fields> = new Map(
  readdirSync(FOLDER).map((name) => [name, JSON.parse(readFileSync(path.join(FOLDER, name), 'utf8'))]),
)

const ajv = new Ajv2020({ strict: true, allErrors: true })
ajv.addFormat('date-time', (text: string) => !Number.isNaN(Date.parse(text)))
for (const [name, schema] of schemas) ajv.addSchema(schema, name)

/** What is wrong with a document, in words; empty where nothing is. @throws where there is no such schema, or it does not compile */
export function faults(file: string, document: unknown): string {
  const validate = ajv.getSchema(file)
  if (validate === undefined) throw new Error(`no schema ${file}`)
  return validate(document) === true ? '' : ajv.errorsText(validate.errors)
}

/** Holds what a command wrote under `--json` against its schema, and gives the documents or events. */
export function held(id: string, status: number, stdout: string, isEvents = EVENTS.has(id)): Fields[] {
  const documents: Fields[] = isEvents
    ? stdout
        .split('\n')
        .slice(0, -1)
        .map((line) => JSON.parse(line))
    : [JSON.parse(stdout)]
  const last = documents.at(-1) ?? {}
  const isError = 'error' in last && Object.keys(last).length === 1
  if (isError) {
    expect(faults('error.schema.json', last), stdout).toBe('')
    expect(last.error).toMatchObject({ exit: status })
  } else if (isEvents) expect(last.type, stdout).toBe('summary')
  for (const one of isError ? documents.slice(0, -1) : documents)
    expect(faults(schemaFile(id), one), `${id}: ${JSON.stringify(one)}`).toBe('')
  return documents
}

/** A world whose commands run in this process, with `--json`, and are held against their schemas. */
export class Told {
  /** Of commands that ended well. */
  static readonly seen = new Set<string>()

  constructor(readonly world: World = new World()) {
    const own = { HOME: '', EFS_HOME: 'home', XDG_CONFIG_HOME: 'config', XDG_DATA_HOME: 'data' }
    for (const [name, folder] of Object.entries(own)) vi.stubEnv(name, world.at(folder))
    vi.stubEnv('EFS_KEYRING', '0')
    onTestFinished(() => {
      vi.unstubAllEnvs()
    })
    // Each command listens to both.
    process.stdout.setMaxListeners(0)
    process.stderr.setMaxListeners(0)
  }

  /** Command lines, one after the other, that have to end with 0. */
  async all(...lines: readonly string[]): Promise<void> {
    for (const line of lines) await this.told(0, line)
  }

  /** A command line, split at blanks, that has to end so. */
  async told(status: number, line: string): Promise<Fields[]> {
    const words = line.split(' ')
    const id = commandOf(words, COMMANDS)?.id ?? ''
    const { stdout, status: ended } = await this.#run([...words, '--json', '--quiet'])
    expect(ended, `${line}\n${stdout}`).toBe(status)
    return this.take(id, status, stdout, EVENTS.has(id) && !words.includes('--dry-run'))
  }

  /** What a command wrote elsewhere. */
  take(id: string, status: number, stdout: string, isEvents = EVENTS.has(id)): Fields[] {
    const documents = held(id, status, stdout, isEvents)
    if (status === 0 || status === 130) Told.seen.add(id)
    return documents
  }

  async #run(argv: readonly string[]): Promise<{ readonly stdout: string; readonly status: number }> {
    const pieces: string[] = []
    const spies = [
      vi.spyOn(process.stdout, 'write').mockImplementation((piece) => pieces.push(String(piece)) > 0),
      vi.spyOn(process.stderr, 'write').mockReturnValue(true),
    ]
    process.exitCode = 0
    try {
      await run(argv)
      return { stdout: pieces.join(''), status: Number(process.exitCode) }
    } finally {
      for (const spy of spies) spy.mockRestore()
      process.exitCode = 0
    }
  }
}
