import { EfsError } from '../../base/errors.js'
import { nearest } from '../../base/nearest.js'
import { type CredentialName, nameFor, parseCredentialName } from '../../model/credential-name.js'
import { isLine } from '../../service/key-rule.js'
import { type CredentialStores, openStores, type Place } from './open.js'

// Secrets that belong to a user, whatever the segment.

type Where = 'keyring' | 'file'

export interface NamedCredential {
  readonly name: string
  readonly where: Where
}

export interface CredentialSet extends NamedCredential {
  readonly changed: boolean
}

/** `secretOf` is asked for the secret once the name is known to be one. @throws USAGE, REFUSED, CORRUPT, NEWER_FORMAT */
export async function setCredential(
  app: Place,
  typed: string,
  secretOf: (name: CredentialName) => Promise<string>,
): Promise<CredentialSet> {
  const name = parseCredentialName(typed)
  const secret = checked(name, await secretOf(name))
  const { file, joined } = openStores(app)
  const owner = { name: name.text }
  const changed = (await joined.find(owner)) !== secret
  if (changed) await joined.put(owner, secret)
  const where = (await file.find(owner)) === undefined ? 'keyring' : 'file'
  if (changed && where === 'keyring') await file.noteName(name.text)
  return { name: name.text, where, changed }
}

/** In byte order. @throws CORRUPT, NEWER_FORMAT */
export async function listCredentials(app: Place): Promise<NamedCredential[]> {
  const { file } = openStores(app)
  const names = await file.names()
  return Promise.all(names.map(async (name) => ({ name, where: await whereOf(file, name) })))
}

const whereOf = async (file: CredentialStores['file'], name: string): Promise<Where> =>
  (await file.find({ name })) === undefined ? 'keyring' : 'file'

/** @throws NOT_FOUND with the nearest; REFUSED where it is in a keyring that does not answer */
export async function deleteCredential(app: Place, typed: string): Promise<{ readonly name: string }> {
  const { text } = parseCredentialName(typed)
  const { file, joined, keyring } = openStores(app)
  const names = await file.names()
  if (!names.includes(text)) throw noCredential(text, names)
  if ((await whereOf(file, text)) === 'keyring' && (await keyring()) === undefined) throw outOfReach(text)
  await joined.put({ name: text }, undefined)
  await file.put({ name: text }, undefined)
  return { name: text }
}

/** The user's own secret for an address as it is typed; undefined where none is named so. @throws REFUSED, CORRUPT, NEWER_FORMAT */
export async function namedCredential(app: Place, address: string): Promise<string | undefined> {
  const { file, joined } = openStores(app)
  const name = nameFor(address, await file.names())
  if (name === undefined) return undefined
  const secret = await joined.find({ name })
  if (secret === undefined) throw outOfReach(name)
  return secret
}

/** What was given is not repeated. @throws USAGE */
function checked({ text, secret }: CredentialName, given: string): string {
  if (given === '') throw new EfsError('USAGE', 'no secret was given', { hint: 'it is one line; nothing was changed' })
  if (!isLine(given) || (secret === 'pair' && !/^[^\s:]+:\S+$/.test(given))) {
    const form = secret === 'pair' ? 'ACCESSKEY:SECRETKEY on one line' : 'one line without control characters'
    throw new EfsError('USAGE', `${text} does not take what was given`, { hint: `it takes ${form}` })
  }
  return given
}

function noCredential(name: string, names: readonly string[]): EfsError {
  const near = nearest(name, names)
  const has =
    names.length === 0 ? 'there is none yet: efs credential set NAME' : `there is ${names.slice(0, 5).join(', ')}`
  return new EfsError('NOT_FOUND', `no credential ${name}`, {
    hint: near === undefined ? has : `did you mean ${near}?`,
  })
}

const outOfReach = (name: string): EfsError =>
  new EfsError('REFUSED', `the credential ${name} is in a keyring that does not have it any more, or does not answer`, {
    hint: `unlock it, or give it again: efs credential set ${name}`,
  })
