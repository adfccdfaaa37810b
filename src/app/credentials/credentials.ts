import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { writeFileDurably } from '../../base/durable-file.js'
import { EfsError, unlessGone } from '../../base/errors.js'
import { jsonOf } from '../../base/json-fields.js'
import { withLockFile } from '../../base/lock-file.js'
import { makeFolder } from '../../base/make-folder.js'
import type { SegmentGuid } from '../../model/ids.js'
import { compareKeys } from '../../model/key.js'

/** Whose secret it is: that of a segment's service, or one of the user's own, by its name. */
export type SecretOwner = { readonly segment: SegmentGuid; readonly service: string } | { readonly name: string }

/** Where secrets are kept. */
export interface Credentials {
  find(owner: SecretOwner): Promise<string | undefined>
  /** Undefined takes it away. Durable when the promise settles. */
  put(owner: SecretOwner, secret: string | undefined): Promise<void>
}

/** What is kept in a file, which also knows the names of what the keyring keeps for the user: no keyring can list its own everywhere. */
export interface FileCredentials extends Credentials {
  /** All names of the user, in byte order. */
  names(): Promise<string[]>
  /** Remembers a name whose secret is elsewhere. */
  noteName(name: string): Promise<void>
}

const FORMAT = 1
/** Beside GUIDs of segments, which are never so. */
const USER = 'user'
/** Stands where only the name is known; no secret is empty. */
const ELSEWHERE = ''

/** Where a secret stands: two words, the first of which has no slash. */
export const placeOf = (owner: SecretOwner): readonly [group: string, name: string] =>
  'name' in owner ? [USER, owner.name] : [owner.segment, owner.service]

type Secrets = Readonly<Record<string, Readonly<Record<string, string>>>>

/** Secrets in `credentials.json` of the user's own folder, which only that user can read (mode 0600). */
export function fileCredentials(config: string): FileCredentials {
  const file = path.join(config, 'credentials.json')
  const put = async (owner: SecretOwner, text: string | undefined): Promise<void> => {
    const [group, name] = placeOf(owner)
    await makeFolder(config, 0o700)
    await withLockFile(`${file}.lock`, async () => {
      const before = await read(file)
      const { [name]: _, ...others } = before[group] ?? {}
      const own = text === undefined ? others : { ...others, [name]: text }
      const document = JSON.stringify({ format: FORMAT, secrets: { ...before, [group]: own } }, null, 2)
      await writeFileDurably(file, Buffer.from(`${document}\n`))
    })
  }
  return {
    async find(owner) {
      const [group, name] = placeOf(owner)
      const text = (await read(file))[group]?.[name]
      return text === ELSEWHERE ? undefined : text
    },
    put,
    names: async () => Object.keys((await read(file))[USER] ?? {}).sort(compareKeys),
    noteName: (name) => put({ name }, ELSEWHERE),
  }
}

async function read(file: string): Promise<Secrets> {
  const text = await readFile(file, 'utf8').catch(unlessGone)
  return text === undefined ? {} : parse(file, text)
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

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isSecrets = (value: unknown): value is Secrets =>
  isRecord(value) &&
  Object.values(value).every((own) => isRecord(own) && Object.values(own).every((one) => typeof one === 'string'))
