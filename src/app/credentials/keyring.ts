import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { type Credentials, placeOf, type SecretOwner } from './credentials.js'

type Keyring = typeof import('keytar')
type Entry = InstanceType<Keyring['AsyncEntry']>

const SERVICE = 'efs'
/** Nothing is kept under it: looking for it unlocks nothing and asks nobody. */
const PROBE = 'probe'

let opened: Promise<Credentials | undefined> | undefined

/** The keyring of this machine, looked for once in a process; undefined where none answers within LIMITS.keyringProbeMsMax. */
export function keyringCredentials(): Promise<Credentials | undefined> {
  opened ??= open()
  return opened
}

/** Why none answers does not matter: a file serves, and what is written there is said to be. */
async function open(): Promise<Credentials | undefined> {
  try {
    // Loaded late: most commands need no secret.
    const keyring = await import('keytar')
    await within(LIMITS.keyringProbeMsMax, entryOf(keyring, PROBE).getPassword())
    return credentialsIn(keyring)
  } catch {
    return undefined
  }
}

const credentialsIn = (keyring: Keyring): Credentials => ({
  find: async (owner) => (await answer(entryOf(keyring, accountOf(owner)).getPassword())) ?? undefined,
  async put(owner, secret) {
    const entry = entryOf(keyring, accountOf(owner))
    await answer<unknown>(secret === undefined ? entry.deletePassword() : entry.setPassword(secret))
  },
})

const accountOf = (owner: SecretOwner): string => placeOf(owner).join('/')

/** Never the keyring of Linux's kernel, which forgets all when the machine starts anew. */
const entryOf = (keyring: Keyring, account: string): Entry =>
  new keyring.AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } })

/** @throws REFUSED */
async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await within(LIMITS.keyringAnswerMsMax, asked)
  } catch (cause) {
    throw new EfsError('REFUSED', 'the keyring of this machine does not answer, or is locked', {
      hint: 'unlock it; or set EFS_KEYRING=0, and give each secret again',
      cause,
    })
  }
}

function within<T>(ms: number, asked: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms)
    asked.then(resolve, reject).finally(() => clearTimeout(timer))
  })
}
