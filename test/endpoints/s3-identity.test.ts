import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { beforeEach, expect, test, vi } from 'vitest'
import { s3Store } from '../../src/endpoints/s3/store.js'
import { folder } from '../store/homes.js'

const OURS = 'http://127.0.0.1:9'

beforeEach(async () => {
  const config = path.join(await folder(), 'config')
  const sections = ['one', 'other'].map((name) => `[profile ${name}]\nendpoint_url = https://${name}.example:9000/\n`)
  await writeFile(config, `[profile amazon]\nregion = eu-west-1\n${sections.join('')}`)
  for (const name of [
    'AWS_ENDPOINT_URL',
    'AWS_ENDPOINT_URL_S3',
    'AWS_REGION',
    'AWS_ACCESS_KEY_ID',
    'AWS_SECRET_ACCESS_KEY',
  ])
    vi.stubEnv(name, undefined)
  vi.stubEnv('AWS_CONFIG_FILE', config)
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', `${config}-none`)
  return () => vi.unstubAllEnvs()
})

async function identity(profile: string, endpoint?: string): Promise<string> {
  vi.stubEnv('AWS_PROFILE', profile)
  const store = await s3Store({ access: { ...(endpoint && { endpoint }) }, bucket: 'bench', prefix: 'x/' })
  store.close()
  return store.identity
}

test('one bucket at two servers is two places, wherever the server is named', async () => {
  const all = [await identity('one'), await identity('other'), await identity('one', OURS), await identity('amazon')]
  expect(new Set(all).size).toBe(all.length)
  expect(all.at(-1)).toBe('s3:#bench/x/')
  expect(all[0]).toContain('one.example:9000')
  expect(await identity('one')).toBe(all[0])
})

test('a slash at the end of its address makes no other server', async () => {
  expect(await identity('amazon', `${OURS}/`)).toBe(await identity('amazon', OURS))
})
