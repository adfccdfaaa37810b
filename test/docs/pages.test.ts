import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { COMMANDS, needsS3 } from './help.js'
import { Machine, srvOf } from './machine.js'
import { typePage } from './page.js'
import { blocksFor } from './run-by.js'
import { FILES } from './stories.js'

let ceph: Ceph
beforeAll(async () => {
  // Knows the times of timers.
  execFileSync(path.resolve('test/tools/have'), ['systemd-analyze=systemd'])
  ceph = await startCeph()
  for (const name of ['backup', 'archive', 'bucket']) await ceph.makeBucket(name)
}, 600_000)
afterAll(() => ceph.end())

/** A store in which the bytes of one file are no longer those that were written. */
const SPOILT = `${FILES}
efs bucket create Hawaii/Cola/bk1 && efs sync ./photos Hawaii/Cola/bk1
pack=$(ls -S ~/.local/share/efs/packs/*.pack | head -n 1)
printf spoilt | dd of="$pack" bs=1 seek=50000 conv=notrunc status=none`

test.each([
  ['README.md', 30],
  ['docs/guide.md', 80],
  ['docs/compare.md', 3],
])('every command line of %s does what is shown', { timeout: 600_000 }, async (file, least) => {
  const { AWS_ENDPOINT_URL = '', AWS_REGION = '' } = ceph.env
  const { AWS_ACCESS_KEY_ID = '', AWS_SECRET_ACCESS_KEY = '' } = ceph.env
  const typed = await typePage(file, blocksFor('test/docs/pages.test.ts', file), {
    before: (host) => (host === 'lanai' ? SPOILT : FILES),
    env: { AWS_ENDPOINT_URL, AWS_REGION },
    s3Keys: `${AWS_ACCESS_KEY_ID}:${AWS_SECRET_ACCESS_KEY}`,
  })
  expect(typed).toBeGreaterThanOrEqual(least)
})

test('the examples of help that need an S3 server', async () => {
  const machine = new Machine(mkdtempSync(path.join(tmpdir(), 'efs-help-')), { env: ceph.env })
  onTestFinished(() => {
    machine.end()
    for (const folder of [machine.dir, srvOf(machine.dir)]) rmSync(folder, { recursive: true })
  })
  const examples = [...COMMANDS.values()].flatMap((command) => command.examples.filter(needsS3))
  expect(examples.length).toBeGreaterThan(0)
  for (const example of examples) {
    const { status, lines } = await machine.run(example)
    expect(status, `${example}\n${lines.join('\n')}`).toBe(0)
  }
})
