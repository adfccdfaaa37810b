import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { type Ceph, startCeph } from '../test/tools/ceph.js'
import { type Measured, measure } from './measure.js'
import { BUCKET, efsIn, type Tool } from './tools.js'

const S3_BUCKET = 'bench'

type Command = readonly string[]
type SetUp = (commands: readonly Command[], env: Readonly<Record<string, string>>) => void

/** How a tool moves a folder's files to a place in S3 and back. `place` is `bench/prefix`. */
interface Mover {
  /** Not timed, in a fresh target. */
  readonly before: (target: string) => readonly Command[]
  /** Not timed: efs sends what is in a bucket, the others what is in the folder. */
  readonly stage: (data: string, target: string) => readonly Command[]
  readonly up: (data: string, target: string, place: string) => Command
  readonly down: (place: string, target: string) => Command
}

const rclone = (...args: readonly string[]): Command => ['rclone', '--config', '/dev/null', ...args]
const none = (): readonly Command[] => []

/** Each by the name that a row prints. */
export const MOVERS: ReadonlyMap<Tool, Mover> = new Map(
  Object.entries({
    efs: {
      before: (target) => [efsIn(target, '--quiet', 'bucket', 'create', BUCKET)],
      stage: (data, target) => [efsIn(target, '--quiet', 'sync', data, BUCKET)],
      up: (_, target, place) => efsIn(target, 'sync', BUCKET, `s3://${place}/`),
      down: (place, target) => efsIn(target, 'sync', `s3://${place}/`, BUCKET),
    },
    'rclone copy': {
      before: none,
      stage: none,
      up: (data, _, place) => rclone('copy', data, `:s3:${place}`),
      down: (place, target) => rclone('copy', `:s3:${place}`, path.join(target, 'files')),
    },
    'aws s3 cp': {
      before: none,
      stage: none,
      up: (data, _, place) => ['aws', 's3', 'cp', '--recursive', '--quiet', data, `s3://${place}/`],
      down: (place, target) => [
        'aws',
        's3',
        'cp',
        '--recursive',
        '--quiet',
        `s3://${place}/`,
        path.join(target, 'files'),
      ],
    },
  } satisfies Record<string, Mover>).map(([name, mover]) => [
    { name, env: {}, setup: () => [], take: () => [] },
    mover,
  ]),
)

let running: Promise<Ceph> | undefined

/** One for all rows, of one node on loopback; it holds all in memory. */
async function ceph(): Promise<Ceph> {
  running ??= startCeph().then(async (one) => {
    await one.makeBucket(S3_BUCKET)
    return one
  })
  return running
}

export async function endCeph(): Promise<void> {
  await (await running)?.end()
}

/** One timed run to or from a real Ceph, in a fresh `target`. */
export async function overS3(
  direction: 'up' | 'down',
  tool: Tool,
  data: string,
  target: string,
  setUp: SetUp,
): Promise<Measured> {
  const mover = MOVERS.get(tool)
  if (mover === undefined) throw new Error(`${tool.name} knows no S3`)
  const env = envOf(await ceph())
  const place = `${S3_BUCKET}/${path.basename(target)}`
  mkdirSync(target, { recursive: true })
  setUp(mover.before(target), env)
  setUp(direction === 'up' ? mover.stage(data, target) : [rclone('copy', data, `:s3:${place}`)], env)
  const measured = await measure(
    direction === 'up' ? mover.up(data, target, place) : mover.down(place, target),
    env,
    target,
  )
  setUp([rclone('purge', `:s3:${place}`)], env)
  return measured
}

const envOf = ({ env, access }: Ceph): Readonly<Record<string, string>> => ({
  ...env,
  RCLONE_S3_PROVIDER: 'Ceph',
  RCLONE_S3_ENDPOINT: access.endpoint,
  RCLONE_S3_ACCESS_KEY_ID: access.credentials.accessKeyId,
  RCLONE_S3_SECRET_ACCESS_KEY: access.credentials.secretAccessKey,
  // With a bundle of certificates set, rclone's S3 does not start.
  AWS_CA_BUNDLE: '',
})
