import { mkdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFileDurably } from '../base/durable-file.js'
import { EfsError, systemCode } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { withLockFile } from '../base/lock-file.js'
import type { SegmentGuid } from '../model/ids.js'

/** Whose secret it is. */
export interface SecretOwner {
  readonly segment: SegmentGuid
  readonly service: string
}

/** Where the secrets of services are kept. */
export interface Credentials {
  find(owner: SecretOwner): Promise<string | undefined>
  /** Undefined takes it away. Durable when the promise settles. */
  put(owner: SecretOwner, secret: string | undefined): Promise<void>
}

const FORMAT = 1

type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Secrets in `credentials.json` of the user's own folder, which only that user can read (mode 0600). */
export function fileCredentials(config: string): Credentials {
  const file = path.join(config, 'credentials.json')
  return {
    find: async ({ segment, service }) => (await read(file))[segment]?.[service],
    async put({ segment, service }, secret) {
      await mkdir(config, { recursive: true, mode: 0o700 })
      await withLockFile(`${file}.lock`, LIMITS.credentialsLockMsMax, async () => {
        const before = await read(file)
        const { [service]: _, ...others } = before[segment] ?? {}
        const own = secret === undefined ? others : { ...others, [service]: secret }
        const text = JSON.stringify({ format: FORMAT, secrets: { ...before, [segment]: own } }, null, 2)
        await writeFileDurably(file, Buffer.from(`${text}\n`))
      })
    },
  }
}

async function read(file: string): Promise<Secrets> {
  const text = await textOf(file)
  return text === undefined ? {} : parse(file, text)
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined
    throw error
  }
}

/** @throws NEWER_FORMAT, CORRUPT. What the parser says is not passed on: it quotes the text, and that holds secrets. */
function parse(file: string, text: string): Secrets {
  const content = jsonOf(text)
  const { format, secrets } = isRecord(content) ? content : {}
  if (typeof format === 'number' && format > FORMAT) {
    throw new EfsError('NEWER_FORMAT', `${file} has format ${format}, this efs knows up to ${FORMAT}`, {
      hint: 'use a newer efs',
    })
  }
  if (format === FORMAT && isSecrets(secrets)) return secrets
  throw new EfsError('CORRUPT', `${file} is damaged`, {
    hint: 'put it back from a backup; or delete it, and give each service its secret again',
  })
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSecrets = (value: unknown): value is Secrets =>
  isRecord(value) &&
  Object.values(value).every((own) => isRecord(own) && Object.values(own).every((one) => typeof one === 'string'))
