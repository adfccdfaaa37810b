import path from 'node:path'
import type { App } from '../app.js'
import { type Credentials, type FileCredentials, fileCredentials, type SecretOwner } from './credentials.js'

export type Place = Pick<App, 'config' | 'secrets' | 'note'>

/** Both places of secrets, and both as one. */
export interface CredentialStores {
  readonly file: FileCredentials
  readonly joined: Credentials
  /** Undefined where none answers. */
  keyring(): Promise<Credentials | undefined>
}

/**
 * The keyring where one answers, else the file. What the file has counts first: it was written where no keyring answered, or before there
 * was one, and goes when the keyring gets a later one.
 */
export const openCredentials = (app: Place): Credentials => openStores(app).joined

export function openStores(app: Place): CredentialStores {
  const file = fileCredentials(app.config)
  const keyring = async (): Promise<Credentials | undefined> => {
    if (app.secrets.keyring !== 'try') return undefined
    return (await import('./keyring.js')).keyringCredentials()
  }
  const tellFile = (): void => {
    if (app.secrets.keyring === 'off') return
    const where = path.join(app.config, 'credentials.json')
    app.note(`no keyring answers here: the secret is kept in ${where}, which only its owner can read`)
  }
  return { file, keyring, joined: joined(keyring, file, tellFile) }
}

/** `tellFile` is called before a secret is written to the file because there is no keyring. */
export function joined(
  keyringOf: () => Promise<Credentials | undefined>,
  file: Credentials,
  tellFile: () => void,
): Credentials {
  return {
    async find(owner) {
      return (await file.find(owner)) ?? (await keyringOf())?.find(owner)
    },
    async put(owner, secret) {
      const keyring = await keyringOf()
      await keyring?.put(owner, secret)
      if (secret !== undefined && keyring === undefined) {
        tellFile()
        await file.put(owner, secret)
      } else if ((await file.find(owner)) !== undefined) await file.put(owner, undefined)
    },
  }
}

/** What is shown to a peer for a service, and asked of one: what is kept for it, else the environment's. */
export const secretOf = async (app: Place, owner: SecretOwner): Promise<string | undefined> =>
  (await openCredentials(app).find(owner)) ?? app.secrets.fromEnvironment
