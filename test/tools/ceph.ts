import { execFile } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { promisify } from 'node:util'
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3'
import type { S3Access } from '../../src/endpoints/s3/client.js'

// Which Node the SDK will need one day is nothing that a test tells.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true'

const run = promisify(execFile)
const SCRIPT = path.resolve('test/tools/ceph-rgw')
/** The script would install what is missing itself, but not while another one does. */
const PROGRAMS = [
  'ceph-mon=ceph-mon',
  'ceph-mgr=ceph-mgr',
  'ceph-osd=ceph-osd',
  'radosgw=radosgw',
  'ceph=ceph-common',
  'curl=curl',
]

/** A real Ceph of one node on loopback, empty. */
export interface Ceph {
  readonly access: Required<Pick<S3Access, 'endpoint' | 'region' | 'credentials'>>
  /** What tools and `efs` read from their environment. */
  readonly env: Readonly<Record<string, string>>
  /** For what tests look at behind the back of efs. */
  readonly client: S3Client
  makeBucket(name: string): Promise<void>
  /** With what is in it, a page at most. */
  removeBucket(name: string): Promise<void>
  /** Nothing answers from then on, until `on`, with all that it had. */
  off(): Promise<void>
  on(): Promise<void>
  /** Ends it and throws all away. */
  end(): Promise<void>
}

/** Brings one up on ports of its own; call it once a file, and end it in `afterAll`. */
export async function startCeph(): Promise<Ceph> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-ceph-'))
  const [port, monitor] = await freePorts()
  await run(path.resolve('test/tools/have'), PROGRAMS, { timeout: 170_000 })
  const { stdout } = await run(SCRIPT, ['up', dir, String(port)], {
    env: { ...process.env, MON_PORT: String(monitor), STORE_GIB: '4' },
    timeout: 180_000,
  })
  const told = new Map(stdout.split('\n').flatMap((line) => (line.includes('=') ? [pairOf(line)] : [])))
  const endpoint = told.get('S3_ENDPOINT') ?? ''
  const credentials = {
    accessKeyId: told.get('S3_ACCESS_KEY') ?? '',
    secretAccessKey: told.get('S3_SECRET_KEY') ?? '',
  }
  const access = { endpoint, region: 'us-east-1', credentials }
  const client = new S3Client({ ...access, forcePathStyle: true })
  return {
    access,
    env: {
      AWS_ENDPOINT_URL: endpoint,
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_REGION: 'us-east-1',
    },
    client,
    makeBucket: async (name) => void (await client.send(new CreateBucketCommand({ Bucket: name }))),
    removeBucket: async (Bucket) => {
      const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }))
      const Objects = Contents.map(({ Key }) => ({ Key }))
      if (Objects.length > 0) await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }))
      await client.send(new DeleteBucketCommand({ Bucket }))
    },
    off: async () => void (await run(SCRIPT, ['off', dir], { timeout: 60_000 })),
    on: async () => void (await run(SCRIPT, ['on', dir], { timeout: 60_000 })),
    end: async () => {
      client.destroy()
      await run(SCRIPT, ['down', dir], { timeout: 60_000 })
    },
  }
}

function pairOf(line: string): [string, string] {
  const at = line.indexOf('=')
  return [line.slice(0, at), line.slice(at + 1)]
}

/** One for the gateway, and the first of two neighbours for the monitor. */
async function freePorts(): Promise<[number, number]> {
  for (;;) {
    const [port, monitor] = [await freePort(), await freePort()]
    if (port !== monitor && port !== monitor + 1 && (await isFree(monitor + 1))) return [port, monitor]
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0))
    })
  })

const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
