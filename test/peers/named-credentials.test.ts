import { readFileSync } from 'node:fs'
import path from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { openApp, type SecretSources } from '../../src/app/app.js'
import type { Credentials } from '../../src/app/credentials/credentials.js'
import { placeOf } from '../../src/app/credentials/credentials.js'
import { deleteCredential, listCredentials, namedCredential, setCredential } from '../../src/app/credentials/named.js'
import { folder } from '../store/homes.js'

/** The keyring of the machine, in memory. */
const ring = { answers: true, secrets: new Map<string, string>() }
const keyring: Credentials = {
  find: async (owner) => ring.secrets.get(placeOf(owner).join('/')),
  async put(owner, secret) {
    if (secret === undefined) ring.secrets.delete(placeOf(owner).join('/'))
    else ring.secrets.set(placeOf(owner).join('/'), secret)
  },
}
vi.mock('../../src/app/credentials/keyring.js', () => ({
  keyringCredentials: async () => (ring.answers ? keyring : undefined),
}))
beforeEach(() => {
  ring.answers = true
  ring.secrets.clear()
})

async function place(keyring: SecretSources['keyring']) {
  const said: string[] = []
  const app = openApp({
    home: '/nowhere',
    config: await folder(),
    secrets: { keyring },
    note: (line) => said.push(line),
  })
  const set = (name: string, secret: string) => setCredential(app, name, async () => secret)
  return { app, said, set, file: path.join(app.config, 'credentials.json') }
}

test('without a keyring secrets are in the file, listed by name, found by address, and go', async () => {
  const { app, set } = await place('off')
  expect(await set('s3://photos/', 'AKIA:one')).toEqual({ name: 's3://photos', where: 'file', changed: true })
  expect(await set('s3://photos', 'AKIA:one')).toMatchObject({ changed: false })
  await set('mine', 'two words')
  expect(await listCredentials(app)).toEqual([
    { name: 'mine', where: 'file' },
    { name: 's3://photos', where: 'file' },
  ])
  expect(await namedCredential(app, 's3://photos/2019/')).toBe('AKIA:one')
  expect(await namedCredential(app, 's3://other')).toBeUndefined()
  expect(await deleteCredential(app, 's3://photos')).toEqual({ name: 's3://photos' })
  expect(await namedCredential(app, 's3://photos')).toBeUndefined()
  await expect(deleteCredential(app, 'mime')).rejects.toMatchObject({ code: 'NOT_FOUND', hint: 'did you mean mine?' })
})

test('with a keyring the file has only the name', async () => {
  const { app, set, said, file } = await place('try')
  expect(await set('s3://photos', 'AKIA:one')).toEqual({ name: 's3://photos', where: 'keyring', changed: true })
  expect([...ring.secrets]).toEqual([['user/s3://photos', 'AKIA:one']])
  expect(readFileSync(file, 'utf8')).not.toContain('AKIA')
  expect(await namedCredential(app, 's3://photos/a')).toBe('AKIA:one')
  expect(await listCredentials(app)).toEqual([{ name: 's3://photos', where: 'keyring' }])
  await deleteCredential(app, 's3://photos')
  expect([ring.secrets.size, await listCredentials(app), said]).toEqual([0, [], []])
})

test('a keyring that does not answer any more is told, and what the file has then goes back to it with the next one', async () => {
  const { app, set, said } = await place('try')
  await set('s3://photos', 'AKIA:one')
  ring.answers = false
  await expect(namedCredential(app, 's3://photos')).rejects.toMatchObject({ code: 'REFUSED' })
  await expect(deleteCredential(app, 's3://photos')).rejects.toMatchObject({ code: 'REFUSED' })
  expect(await set('s3://photos', 'AKIA:two')).toMatchObject({ where: 'file' })
  expect(said).toEqual([expect.stringContaining('only its owner can read')])
  ring.answers = true
  expect(await namedCredential(app, 's3://photos')).toBe('AKIA:two')
  expect(await set('s3://photos', 'AKIA:three')).toMatchObject({ where: 'keyring' })
  expect(await namedCredential(app, 's3://photos')).toBe('AKIA:three')
})

test('what is no secret is refused without repeating it, and nothing is kept', async () => {
  const { app, set } = await place('off')
  for (const [name, secret] of [
    ['s3://photos', 'geheim'],
    ['s3://photos', 'geheim:'],
    ['s3://photos', 'AKIA:geheim geheim'],
    ['mine', 'geheim\u0007'],
    ['mine', 'geheim'.repeat(300)],
    ['mine', ''],
  ] as const) {
    const refused = await set(name, secret).catch((error: unknown) => error)
    expect(refused).toMatchObject({ code: 'USAGE' })
    expect(JSON.stringify(refused, Object.getOwnPropertyNames(refused))).not.toContain('geheim')
  }
  expect(await listCredentials(app)).toEqual([])
})
