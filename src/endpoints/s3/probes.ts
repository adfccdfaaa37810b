import { randomBytes } from 'node:crypto'
import type { Clock } from '../../base/clock.js'
import { EfsError } from '../../base/errors.js'
import { hashHex } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import { lateFollower } from '../../base/signals.js'
import { broken, type Finding, fine, lacks, type Probe } from '../../model/finding.js'
import { contentHash } from '../../model/ids.js'
import { compareKeys, objectKey } from '../../model/key.js'
import { perSecond, rateText, speed } from '../probes/rate.js'
import { openBucket, type S3Bucket } from './bucket.js'
import { clearBelow } from './clearing.js'
import { conditionsOf, versioningOf } from './conditions.js'
import { mustDelete } from './deleting.js'
import { dressFor, toldBy } from './dress.js'
import { hasCode } from './faults.js'
import { getObject } from './getting.js'
import { listKeys } from './listing.js'
import { headObject, type Only, putObject } from './putting.js'
import type { S3Place } from './store.js'
import { abortUpload, completeUpload, copyPart, createUpload, sendPart, type Upload } from './upload.js'

const MiB = 1024 * 1024
const SMALL = { times: 64, bytes: 1024 } as const
const LARGE_BYTES = 16 * MiB
/** Their order by UTF-8 bytes is neither that of UTF-16 units nor that of words in a dictionary. */
const KEYS = ['Z', 'a', 'a b+c%2F', 'a-', 'a/b', 'a0', 'e\u0301', '\u00e9', '\ufffc', '\u{1f600}']

interface Scratch {
  readonly bucket: S3Bucket
  /** Below it everything is this run's own. */
  readonly prefix: string
  readonly clock: Clock
  /** A while after whoever asks has stopped, so that what is on its way is there when all is taken away. */
  readonly signal: AbortSignal
  /** Whether something stands there, or did. */
  isUsed: boolean
}

/**
 * Tests a place in S3 in a scratch prefix of its own, which is empty again when `use` settles.
 * @throws USAGE where the endpoint is no URL
 */
export async function withS3Probes(
  place: S3Place,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
  use: (probes: readonly Probe[]) => Promise<void>,
): Promise<void> {
  const bucket = await openBucket(place.access, place.bucket)
  const prefix = `${place.prefix}.efs-check-${randomBytes(6).toString('hex')}/`
  const late = lateFollower(signal, LIMITS.s3ProbeGraceMs)
  const scratch = { bucket, prefix, clock, signal: late.signal, isUsed: false }
  try {
    await use(probesOf(scratch))
  } finally {
    late.release()
    // Where nothing could be put there is nothing, and nobody to ask.
    if (scratch.isUsed) await clearBelow(bucket, prefix)
    bucket.close()
  }
}

const probesOf = (scratch: Scratch): Probe[] =>
  [
    { test: 'put', run: () => putTest(scratch) },
    { test: 'range', run: () => rangeTest(scratch) },
    { test: 'order', run: () => orderTest(scratch) },
    { test: 'conditions', run: () => conditionsTest(scratch) },
    { test: 'parts', run: () => partsTest(scratch) },
    { test: 'copies', run: () => copiesTest(scratch) },
    { test: 'metadata', run: () => metadataTest(scratch) },
    { test: 'versions', run: () => versionsTest(scratch) },
    { test: 'clock', run: () => clockTest(scratch) },
    { test: 'rate', run: () => rateTest(scratch) },
  ] satisfies Probe[]

type Found = Omit<Finding, 'test'>

async function putTest(scratch: Scratch): Promise<Found> {
  const { bucket, prefix, signal } = scratch
  const [key, bytes] = [`${prefix}put`, randomBytes(SMALL.bytes)]
  for (const state of [randomBytes(SMALL.bytes), bytes]) {
    await putObject(bucket, key, state, { signal })
    scratch.isUsed = true
  }
  const { bytes: got } = await getObject(bucket, key, { signal })
  if (!got.equals(bytes)) return broken('an object that was written anew is read as it was before', STALE)
  await mustDelete(bucket, [key], { signal })
  if (await headObject(bucket, key, { signal })) return broken('an object that was deleted is still there', STALE)
  return fine('written, read back, written anew, deleted')
}

const STALE = 'do not use it: efs relies on a server that shows each write at once'

async function rangeTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const [key, bytes] = [`${prefix}range`, randomBytes(SMALL.bytes)]
  await putObject(bucket, key, bytes, { signal })
  const { bytes: got } = await getObject(bucket, key, { range: { offset: 100, length: 50 }, signal })
  const isRight = got.equals(bytes.subarray(100, 150))
  return isRight
    ? fine('parts of an object are read')
    : broken('a part of an object is not what was asked for', 'large objects cannot be read from here')
}

async function orderTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  for (const key of KEYS) await putObject(bucket, `${prefix}order/${key}`, new Uint8Array(), { signal })
  const listed: string[] = []
  for await (const page of listKeys(bucket, { prefix: `${prefix}order/`, signal }))
    listed.push(...page.map(({ key }) => key.slice(`${prefix}order/`.length)))
  const wanted = KEYS.map(objectKey).sort(compareKeys)
  return listed.join('\n') === wanted.join('\n')
    ? fine('keys of all kinds are listed in the order of their bytes')
    : broken(`${wanted.length} keys of all kinds are listed as ${listed.length} others`, 'efs cannot sync with it')
}

const UNSURE = 'efs looks before it writes: of two that write one object at once, the later one stays'

async function conditionsTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const conditions = await conditionsOf(bucket, prefix, { signal })
  if (conditions === 'none') return lacks('the server writes whatever the condition says', UNSURE)
  const key = `${prefix}condition`
  const isWritten = (only: Only): Promise<boolean> => isDone(putObject(bucket, key, new Uint8Array(), { only, signal }))
  const etag = await putObject(bucket, key, new Uint8Array(), { only: { absent: true }, signal })
  const faults = [
    ...((await isWritten({ absent: true })) ? ['what is to be new is written over what is there'] : []),
    ...((await isWritten({ etag })) ? [] : ['a write is refused though its condition holds']),
  ]
  if (faults.length > 0) return lacks(faults.join(', and '), UNSURE)
  return conditions === 'kept'
    ? fine('a write is refused where its condition does not hold, and no other')
    : fine(
        'a write is refused where its condition does not hold; efs looks first all the same, as the bucket has versions',
      )
}

/** Whether a write was not refused for its condition. */
async function isDone(write: Promise<unknown>): Promise<boolean> {
  try {
    await write
    return true
  } catch (error) {
    if (!hasCode(error, 'CONFLICT')) throw error
    return false
  }
}

async function partsTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const key = `${prefix}parts`
  const upload = await createUpload(bucket, key, { metadata: {}, headers: {} }, { signal })
  const bytes = randomBytes(LIMITS.s3CopyBytesLeast + 1)
  await orGivenUp(bucket, upload, async () => {
    await sendPart(upload, 1, bytes.subarray(0, -1), { signal })
    await sendPart(upload, 2, bytes.subarray(-1), { signal })
    await completeUpload(upload, 2, { signal })
  })
  const { bytes: got } = await getObject(bucket, key, { signal })
  if (hashHex(got) !== hashHex(bytes)) return broken('an object of two parts is not what they were', 'do not use it')
  const given = await createUpload(bucket, `${prefix}given-up`, { metadata: {}, headers: {} }, { signal })
  await abortUpload(bucket, given.key, given.id, { signal })
  const [whole, part] = [LIMITS.s3WholeBytesMax / MiB, LIMITS.s3PartBytesLeast / MiB]
  return fine(`efs writes what is larger than ${whole} MiB in parts of ${part} MiB or more`)
}

async function copiesTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const key = `${prefix}copies`
  const bytes = randomBytes(LIMITS.s3CopyBytesLeast + 1)
  const etag = await putObject(bucket, key, bytes, { signal })
  const upload = await createUpload(bucket, key, { metadata: {}, headers: {} }, { signal })
  try {
    const wanted = { offset: 0, length: bytes.length - 1, from: 1 }
    await orGivenUp(bucket, upload, () => copyPart(upload, 1, wanted, { etag }, { signal }))
  } catch (error) {
    if (!(error instanceof EfsError)) throw error
    return lacks('the server copies no parts', 'a large object that changed is sent whole')
  }
  await orGivenUp(bucket, upload, () => completeUpload(upload, 1, { signal }))
  const { bytes: got } = await getObject(bucket, key, { signal })
  return got.equals(bytes.subarray(1))
    ? fine('of a large object that changed only the change is sent, and the server copies the rest')
    : broken('a part that was copied is not what was asked for', 'do not use it')
}

/** An upload that is not completed is kept by the server, and in no listing of objects. */
async function orGivenUp<T>(bucket: S3Bucket, { key, id }: Upload, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    await abortUpload(bucket, key, id, {})
    throw error
  }
}

async function metadataTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const key = `${prefix}metadata`
  const attributes = { mode: 0o640, mtimeNs: 1_700_000_000_123_456_789n }
  const bytes = randomBytes(SMALL.bytes)
  const content = {
    kind: 'file',
    size: bytes.length,
    contentHash: contentHash(hashHex(bytes)),
    attributes,
    root: { inline: bytes },
  } as const
  await putObject(bucket, key, bytes, { dress: dressFor(content), signal })
  const { answer } = await getObject(bucket, key, { signal })
  const told = toldBy(answer).attributes
  return told.mode === attributes.mode && told.mtimeNs === attributes.mtimeNs
    ? fine('mode and time (to the nanosecond) are kept, as rclone and s3cmd read them')
    : lacks('metadata is not kept', 'mode and time do not come back from here')
}

async function versionsTest({ bucket, signal }: Scratch): Promise<Found> {
  const status = await versioningOf(bucket, { signal })
  return fine(status === 'Enabled' ? 'the bucket keeps older versions' : 'the bucket keeps no older versions')
}

async function clockTest({ bucket, clock }: Scratch): Promise<Found> {
  const serverMs = bucket.serverMs()
  if (serverMs === undefined) return lacks('the server does not tell its time', 'times of objects cannot be compared')
  const aheadMs = serverMs - clock.nowMs()
  const text = `${Math.abs(aheadMs / 1000).toFixed(0)} s ${aheadMs < 0 ? 'behind' : 'ahead of'} this machine`
  return Math.abs(aheadMs) <= LIMITS.clockDriftMsMax
    ? fine(text)
    : lacks(text, 'set the clocks: S3 refuses requests at 15 minutes')
}

async function rateTest({ bucket, prefix, signal }: Scratch): Promise<Found> {
  const small = randomBytes(SMALL.bytes)
  const puts = await perSecond(SMALL.times, LIMITS.s3RequestsMax, signal, async (i, either) => {
    await putObject(bucket, `${prefix}rate/${i}`, small, { signal: either })
  })
  const [key, large] = [`${prefix}large`, randomBytes(LARGE_BYTES)]
  const up = await speed(LARGE_BYTES, async () => void (await putObject(bucket, key, large, { signal })))
  const down = await speed(LARGE_BYTES, async () => void (await getObject(bucket, key, { signal })))
  return fine(`${rateText(puts)} small objects/s, ${rateText(up)} MiB/s up, ${rateText(down)} MiB/s down`)
}
