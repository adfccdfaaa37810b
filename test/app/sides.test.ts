import { existsSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { syncOnce } from '../../src/app/sync/sync.js'
import { newStats } from '../../src/app/watch.js'
import { A, never, Site } from './site.js'

const SLOW = 's3+segment://slow/hawaii'

/** A server of S3 that has no buckets, and the paths that it was asked for. */
async function noBuckets(): Promise<{ readonly endpoint: string; readonly asked: string[] }> {
  const asked: string[] = []
  const server = http.createServer(({ url = '' }, response) => {
    asked.push(url.split('?', 1)[0] ?? '')
    response.writeHead(404, { 'content-type': 'application/xml' }).end('<Error><Code>NoSuchBucket</Code></Error>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void server.close())
  Object.assign(process.env, { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'us-east-1' })
  return { endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

test.each([
  // What is wrong here is said before the server is asked for anything.
  [SLOW, 'no/where', 'NOT_FOUND', /no such folder/, undefined],
  [SLOW, 'file', 'USAGE', /not a folder/, undefined],
  [SLOW, 'file/below', 'USAGE', /not a folder/, undefined],
  ['missing', SLOW, 'NOT_FOUND', /no such folder/, undefined],
  [SLOW, 'Hawaii/Cola/none', 'NOT_FOUND', /no bucket Hawaii\/Cola\/none/, undefined],
  ['Hawaii/Cola/none', SLOW, 'NOT_FOUND', /no bucket Hawaii\/Cola\/none/, undefined],
  [SLOW, `ccow://127.0.0.1:1/${A}`, 'UNREACHABLE', /127\.0\.0\.1:1/, undefined],
  // What is wrong with the sink there, before the source is read.
  [SLOW, 's3://sink/x', 'NOT_FOUND', /sink/, '/sink'],
  [SLOW, 's3+segment://sink/x', 'NOT_FOUND', /sink/, '/sink'],
  // What is wrong with the source, before anything is made.
  [SLOW, 'new', 'NOT_FOUND', /slow/, '/slow'],
  ['no/where', 'new', 'USAGE', /both sides are directories/, undefined],
] as const)('from %s to %s is %s at once', async (from, to, code, message, asks) => {
  const site = await Site.begin()
  site.write(['file', '1'])
  const { endpoint, asked } = await noBuckets()
  const [source, sink] = [from, to].map((side) => (/:|^Hawaii/.test(side) ? side : site.at(side)))
  const watch = { stats: newStats(), settled: () => undefined, signal: never() }
  const run = syncOnce({ ...site.app, s3Endpoint: endpoint }, site.request(source ?? '', sink ?? ''), watch)
  await expect(run).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  expect(asked[0]?.replace(/\/$/, '')).toBe(asks)
  expect(existsSync(site.at('new'))).toBe(false)
})
