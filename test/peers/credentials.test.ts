import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { openApp, type SecretSources } from '../../src/app/app.js'
import { type Credentials, fileCredentials, placeOf, type SecretOwner } from '../../src/app/credentials/credentials.js'
import { joined, openCredentials, secretOf } from '../../src/app/credentials/open.js'
import { folder } from '../store/homes.js'
import { GUEST } from './hosts.js'

const OWNER: SecretOwner = { segment: GUEST, service: 'hawaii' }

/** A keyring, or what else keeps secrets, in memory. */
function kept(): Credentials & { readonly secrets: Map<string, string> } {
  const secrets = new Map<string, string>()
  return {
    secrets,
    find: async (owner) => secrets.get(placeOf(owner)[1]),
    async put(owner, secret) {
      const [, name] = placeOf(owner)
      if (secret === undefined) secrets.delete(name)
      else secrets.set(name, secret)
    },
  }
}

/** Both places, with a keyring that may answer or not. */
function places() {
  const [keyring, file] = [kept(), kept()]
  const told: string[] = []
  const state = { answers: true }
  const credentials = joined(
    async () => (state.answers ? keyring : undefined),
    file,
    () => told.push('file'),
  )
  return { keyring, file, told, state, credentials }
}

test('a secret goes to the keyring where one answers, and to the file where none does, which is said', async () => {
  const { keyring, file, told, state, credentials } = places()
  await credentials.put(OWNER, 'one')
  expect([keyring.secrets.get('hawaii'), file.secrets.size, told]).toEqual(['one', 0, []])
  state.answers = false
  expect(await credentials.find(OWNER)).toBeUndefined()
  await credentials.put(OWNER, 'two')
  expect([file.secrets.get('hawaii'), told]).toEqual(['two', ['file']])
})

test('what was written to the file counts until the keyring gets a later one, and is gone then', async () => {
  const { keyring, file, state, credentials } = places()
  await credentials.put(OWNER, 'old')
  state.answers = false
  await credentials.put(OWNER, 'newer')
  state.answers = true
  expect(await credentials.find(OWNER)).toBe('newer')
  await credentials.put(OWNER, 'newest')
  expect([keyring.secrets.get('hawaii'), file.secrets.size]).toEqual(['newest', 0])
  expect(await credentials.find(OWNER)).toBe('newest')
})

test('a secret that is taken away is in neither, and nothing is said', async () => {
  const { keyring, file, told, credentials } = places()
  await file.put(OWNER, 'in the file')
  await keyring.put(OWNER, 'in the keyring')
  await credentials.put(OWNER, undefined)
  expect([keyring.secrets.size, file.secrets.size, told]).toEqual([0, 0, []])
})

async function app(secrets: SecretSources) {
  const said: string[] = []
  const opened = openApp({ home: '/nowhere', config: await folder(), secrets, note: (line) => said.push(line) })
  return { opened, said, file: path.join(opened.config, 'credentials.json') }
}

test('where there can be no keyring the file serves, and says so when it is written; where none is wanted it says nothing', async () => {
  for (const [keyring, line] of [
    ['absent', /^no keyring answers here: the secret is kept in .*credentials\.json, which only its owner can read$/],
    ['off', undefined],
  ] as const) {
    const { opened, said, file } = await app({ keyring })
    expect(await openCredentials(opened).find(OWNER)).toBeUndefined()
    await openCredentials(opened).put(OWNER, undefined)
    expect([existsSync(file), said]).toEqual([false, []])
    await openCredentials(opened).put(OWNER, 'secret')
    expect(await fileCredentials(opened.config).find(OWNER)).toBe('secret')
    expect(said).toEqual(line === undefined ? [] : [expect.stringMatching(line)])
  }
})

test('the secret of the environment counts where none is kept, and is kept nowhere', async () => {
  const { opened, file } = await app({ keyring: 'off', fromEnvironment: 'from:outside' })
  expect(await secretOf(opened, OWNER)).toBe('from:outside')
  expect(existsSync(file)).toBe(false)
  await openCredentials(opened).put(OWNER, 'kept')
  expect(await secretOf(opened, OWNER)).toBe('kept')
  expect(await secretOf({ ...opened, secrets: { keyring: 'off' } }, OWNER)).toBe('kept')
})
