import { randomUUID } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFileDurably } from '../base/durable-file.js'
import { systemCode } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import type { ServiceNumbers } from '../model/service.js'
import { numbersDocument, parseNumbers } from './document.js'
import { NO_NUMBERS } from './never-run.js'

const PARTIAL = '.partial'

const fileOf = (folder: string, service: string): string => path.join(folder, `${service}.json`)

/** The numbers of a service; none where no gateway has run it yet. @throws what the system says of a file that is there */
export async function readNumbers(folder: string, service: string): Promise<ServiceNumbers> {
  const file = fileOf(folder, service)
  try {
    if ((await stat(file)).size > LIMITS.statsBytesMax) return NO_NUMBERS
    return parseNumbers(await readFile(file, 'utf8'))
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return NO_NUMBERS
    throw error
  }
}

/** Whole or not at all; with `durable` also after the machine has failed. */
export async function writeNumbers(
  folder: string,
  service: string,
  numbers: ServiceNumbers,
  durable: boolean,
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const file = fileOf(folder, service)
  const bytes = Buffer.from(numbersDocument(numbers))
  if (durable) return writeFileDurably(file, bytes)
  const partial = `${file}.${randomUUID()}${PARTIAL}`
  try {
    await writeFile(partial, bytes, { mode: 0o600 })
    await rename(partial, file)
  } catch (error) {
    await rm(partial, { force: true })
    throw error
  }
}

export const dropNumbers = (folder: string, service: string): Promise<void> =>
  rm(fileOf(folder, service), { force: true })

/** Takes away the numbers of one path. A gateway that runs the service does so by itself. */
export async function dropServedNumbers(folder: string, service: string, served: string): Promise<void> {
  const numbers = await readNumbers(folder, service)
  if (!numbers.served.has(served)) return
  const others = [...numbers.served].filter(([one]) => one !== served)
  const flows = numbers.flows.filter((flow) => flow.served !== served)
  await writeNumbers(folder, service, { ...numbers, served: new Map(others), flows }, false)
}

/** Takes away what a process that was killed left half written. */
export async function dropPartials(folder: string): Promise<void> {
  try {
    for (const name of await readdir(folder)) if (name.endsWith(PARTIAL)) await rm(path.join(folder, name))
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error
  }
}
