import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type App, type AppOptions, openApp } from '../../src/app/app.js'
import { type SyncRequest, type SyncSummary, syncOnce } from '../../src/app/sync/sync.js'
import { type Verdict, verify } from '../../src/app/sync/verify.js'
import { createName } from '../../src/app/system/names.js'
import { newStats } from '../../src/app/watch.js'
import { EfsError } from '../../src/base/errors.js'
import type { Settled } from '../../src/model/transfer.js'
import type { Ceph } from '../tools/ceph.js'

/** A segment with buckets H/C/a and H/C/b, which knows an S3 server; gone when the test ends. */
export interface S3World {
  readonly app: App
  readonly dir: string
  sync(
    from: string,
    to: string,
    more?: Partial<SyncRequest> & { readonly signal?: AbortSignal },
  ): Promise<SyncSummary & { readonly settled: Settled[] }>
  verify(a: string, b: string): Promise<Verdict>
}

export async function s3World(
  ceph: Ceph,
  endpoint = ceph.access.endpoint,
  more: Pick<AppOptions, 's3Authorities'> = {},
): Promise<S3World> {
  Object.assign(process.env, ceph.env)
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-s3-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const home = path.join(dir, 'home')
  const app = openApp({ home, config: path.join(dir, 'config'), note: () => undefined, s3Endpoint: endpoint, ...more })
  for (const bucket of ['H/C/a', 'H/C/b']) await createName(app, 'bucket', bucket, {}, { parents: true })
  const { signal } = new AbortController()
  return {
    app,
    dir,
    async sync(from, to, { signal: stop = signal, ...more } = {}) {
      const settled: Settled[] = []
      const policy = { deleteExtra: false, checksum: false }
      const request = { from, to, policy, guard: { force: true }, ...more }
      const watch = { stats: newStats(), settled: (what: Settled) => settled.push(what), signal: stop }
      return { ...(await syncOnce(app, request, watch)), settled }
    },
    verify: (a, b) => verify(app, { a, b, metadata: false, strict: false }, signal, async () => undefined),
  }
}

export const DELETING = { policy: { deleteExtra: true, checksum: false } }

/** The code of the failure, or that there was none. */
export const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing was thrown',
    (error: unknown) => (error instanceof EfsError ? error.code : String(error)),
  )
