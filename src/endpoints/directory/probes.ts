import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import { temporaryIn } from '../../base/temporary.js'
import { broken, type Finding, fine, lacks, type Probe } from '../../model/finding.js'
import { perSecond, rateText, speed } from '../probes/rate.js'
import { timeSetter } from './times.js'
import { readXattrs, writeXattrs } from './xattrs.js'

const MiB = 1024 * 1024
const GiB = 1024 * MiB
const SMALL_FILES = 64
const LARGE_BYTES = 32 * MiB
const NAME_BYTES = 255
/** No unit in which a file system might count divides it. */
const TIME_NS = 1_700_000_001_123_456_789n
const UNITS = [
  [1n, 'a nanosecond'],
  [100n, '100 ns'],
  [1000n, 'a microsecond'],
  [1_000_000n, 'a millisecond'],
  [1_000_000_000n, 'a second'],
  [2_000_000_000n, 'two seconds'],
] as const

type Found = Omit<Finding, 'test'>

/**
 * Tests a folder in a scratch folder inside it, which a sync that runs at the same time does not see and which is gone when `use` settles.
 * @throws what the system says of a folder that cannot be made there
 */
export async function withDirectoryProbes(
  root: string,
  signal: AbortSignal,
  use: (probes: readonly Probe[]) => Promise<void>,
): Promise<void> {
  const scratch = temporaryIn(root)
  mkdirSync(scratch)
  try {
    await use(probesOf(scratch, signal))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const probesOf = (scratch: string, signal: AbortSignal): Probe[] =>
  [
    { test: 'put', run: async () => putTest(scratch) },
    { test: 'case', run: async () => caseTest(scratch) },
    { test: 'unicode', run: async () => unicodeTest(scratch) },
    { test: 'names', run: async () => namesTest(scratch) },
    { test: 'times', run: () => timesTest(scratch) },
    { test: 'modes', run: async () => modesTest(scratch) },
    { test: 'links', run: async () => linksTest(scratch) },
    { test: 'xattrs', run: async () => xattrsTest(scratch) },
    { test: 'space', run: async () => spaceTest(scratch) },
    { test: 'rate', run: () => rateTest(scratch, signal) },
  ] satisfies Probe[]

/** As the sink writes a file: under another name, synced, renamed. */
function written(file: string, bytes: Uint8Array): void {
  const fd = openSync(`${file}.new`, 'w')
  try {
    writeSync(fd, bytes)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
  renameSync(`${file}.new`, file)
}

function putTest(scratch: string): Found {
  const [file, bytes] = [path.join(scratch, 'put'), randomBytes(1000)]
  for (const state of [randomBytes(1000), bytes]) written(file, state)
  return readFileSync(file).equals(bytes)
    ? fine('written, synced, renamed over what was there, read back')
    : broken('a file is not read as it was written', 'do not use it')
}

function caseTest(scratch: string): Found {
  writeFileSync(path.join(scratch, 'case-a'), '')
  return existsSync(path.join(scratch, 'CASE-A'))
    ? lacks('case-a and CASE-A are one file', 'of two keys that differ only in case the second is left out and named')
    : fine('names that differ in case are two files')
}

function unicodeTest(scratch: string): Found {
  const folder = path.join(scratch, 'unicode')
  mkdirSync(folder)
  const [composed, decomposed] = ['\u00e9', 'e\u0301']
  writeFileSync(path.join(folder, composed), '')
  if (existsSync(path.join(folder, decomposed)))
    return lacks(
      'two ways to write \u00e9 are one file',
      'of two keys that differ only so the second is left out and named',
    )
  const [kept] = readdirSync(folder)
  return kept === composed
    ? fine('names are kept as they are written')
    : lacks(
        'names are kept in another form of Unicode',
        'keys that would come back in another form are left out and named',
      )
}

function namesTest(scratch: string): Found {
  for (const [name, what] of [
    ['n'.repeat(NAME_BYTES), `names of ${NAME_BYTES} bytes`],
    ['a:b?c', 'the signs : and ?'],
    ['end.', 'names that end in a dot'],
  ] as const) {
    try {
      const file = path.join(scratch, name)
      writeFileSync(file, '')
      if (readdirSync(scratch).includes(name)) continue
    } catch (error) {
      if (systemCode(error) === undefined) throw error
    }
    return lacks(`it does not take ${what}`, 'objects with such keys are left out and named')
  }
  return fine(`of ${NAME_BYTES} bytes, with all signs`)
}

async function timesTest(scratch: string): Promise<Found> {
  const file = path.join(scratch, 'times')
  writeFileSync(file, '')
  const set = await timeSetter()
  set(file, TIME_NS)
  const { mtimeNs } = lstatSync(file, { bigint: true })
  const [unit, text] = UNITS.find(([unit]) => mtimeNs === TIME_NS - (TIME_NS % unit)) ?? []
  if (unit === 1n) return fine('kept to the nanosecond')
  return lacks(
    text === undefined ? 'times are not kept' : `kept to ${text}`,
    'efs remembers what it set, and does not take a rounded time for a change',
  )
}

function modesTest(scratch: string): Found {
  const file = path.join(scratch, 'modes')
  writeFileSync(file, '')
  chmodSync(file, 0o741)
  return (lstatSync(file).mode & 0o7777) === 0o741
    ? fine('kept')
    : lacks('modes are not kept', 'modes do not come back from here')
}

function linksTest(scratch: string): Found {
  const link = path.join(scratch, 'link')
  try {
    symlinkSync('nowhere', link)
    if (readlinkSync(link) === 'nowhere') return fine('symbolic links are kept')
  } catch (error) {
    if (systemCode(error) === undefined) throw error
  }
  return lacks('it has no symbolic links', 'links are left out and named')
}

function xattrsTest(scratch: string): Found {
  const file = path.join(scratch, 'xattrs')
  writeFileSync(file, '')
  const value = Buffer.from('value')
  const isKept = writeXattrs(file, { 'user.efs': value }).length === 0 && readXattrs(file)?.['user.efs'] !== undefined
  return isKept
    ? fine('extended attributes are kept')
    : lacks('it has no extended attributes', 'extended attributes do not come back from here')
}

function spaceTest(scratch: string): Found {
  const { bavail, bsize, blocks } = statfsSync(scratch)
  const text = `${((bavail * bsize) / GiB).toFixed(1)} GiB free of ${((blocks * bsize) / GiB).toFixed(1)}`
  return bavail * bsize < GiB
    ? lacks(text, 'a run that meets a full disk stops, and goes on when there is room')
    : fine(text)
}

async function rateTest(scratch: string, signal: AbortSignal): Promise<Found> {
  const small = randomBytes(1024)
  const files = await perSecond(SMALL_FILES, 1, signal, async (i) => written(path.join(scratch, `rate-${i}`), small))
  const large = randomBytes(LARGE_BYTES)
  const mib = await speed(LARGE_BYTES, async () => written(path.join(scratch, 'large'), large))
  return fine(`${rateText(files)} small files/s, ${rateText(mib)} MiB/s, each synced`)
}
