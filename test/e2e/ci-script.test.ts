import { chmodSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { blocksFor } from '../docs/run-by.js'
import { freePort, SECRET, Site } from './sites.js'

const PAGE = readFileSync('docs/ci.md', 'utf8')
const JOBS = blocksFor('test/e2e/ci-script.test.ts', 'docs/ci.md')
const SCRIPT = JOBS.flatMap(({ lines }) => lines).join('\n')

/** What the page says of an exit code is what the job ends with. */
const documented = (code: number): boolean => new RegExp(`^\\| (?:\\d+, )*${code}(?:, \\d+)* \\|`, 'm').test(PAGE)

async function receiver(): Promise<Site> {
  const site = await Site.open()
  site.ok('tenant', 'create', 'CI/Builds', '--parents')
  site.ok('service', 'create', 'isgw', 'in', '--local', site.address)
  site.secret('in')
  site.ok('service', 'config', 'in', 'X-Status', 'enabled')
  await site.startGateway()
  return site
}

/** A job of its own, as a runner starts it: an empty folder with what was built, and `efs` on the PATH. */
async function runJob(peer: string, secret: string, script = SCRIPT): Promise<number | null> {
  const job = await Site.open()
  job.write('bin/efs', `#!/bin/sh\nexec "${process.execPath}" "${job.program}" "$@"\n`)
  chmodSync(job.at('bin/efs'), 0o755)
  job.write('dist/app.js', 'what was built')
  job.write('job.sh', script)
  const { status } = job.run(
    'env',
    `PATH=${job.at('bin')}${path.delimiter}${process.env.PATH}`,
    `PEER=${peer}`,
    `SECRET=${secret}`,
    'sh',
    'job.sh',
  )
  return status
}

test('the documented job is under 15 lines, and brings what was built to the peer', async () => {
  expect(JOBS.length).toBe(1)
  expect(SCRIPT.split('\n').length).toBeLessThan(15)
  const peer = await receiver()
  expect(await runJob(peer.address, SECRET)).toBe(0)
  expect(peer.ok('object', 'get', 'CI/Builds/app/app.js', '-').stdout).toBe('what was built')
  await peer.endGateway()
})

test('one pass without a gateway there brings it too, by either line', async () => {
  const peer = await receiver()
  // The bucket that the first one needs at the peer.
  peer.ok('bucket', 'create', 'CI/Builds/app')
  const lines = SCRIPT.split('\n')
  const passes = [...(PAGE.split('For one pass')[1] ?? '').matchAll(/`(efs [^`]+)`/g)].map(([, line = '']) => line)
  expect(passes.length).toBe(2)
  for (const [at, last] of ['efs sync', 'efs bucket attach'].entries()) {
    const before = lines.slice(0, lines.findIndex((line) => line.startsWith(last)) + 1)
    const script = [...before, passes[at], lines.at(-1)].join('\n')
    expect(await runJob(peer.address, SECRET, script), script).toBe(0)
  }
  await peer.endGateway()
})

test('it fails with the code that tells why', async () => {
  const peer = await receiver()
  const quick = SCRIPT.replace('--timeout 5m', '--timeout 2s')
  for (const [address, secret, script, code] of [
    [peer.address, 'wrong:wrong', quick, 8],
    [`127.0.0.1:${await freePort()}`, SECRET, quick, 7],
    [peer.address, SECRET, quick.replaceAll('CI/Builds', 'CI/Bilds'), 3],
  ] as const) {
    expect(documented(code)).toBe(true)
    expect(await runJob(address, secret, script), `${code}`).toBe(code)
  }
  await peer.endGateway()
})
