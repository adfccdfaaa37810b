import { closeSync, openSync, writeSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { systemClock } from '../../src/base/clock.js'
import { loadCompression } from '../../src/base/compression.js'
import { EfsError, systemCode } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import { makeChunk } from '../../src/model/chunk.js'
import { objectKey } from '../../src/model/key.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'
import { done, fileOf } from '../contracts/samples.js'
import { bucketOf } from './bucket.js'

/*
 * A process that does what it is told, a line of stdin each, while others see to it that it fails:
 *   hello, open, write KEY, see KEY, close
 *   hoard N   opens files until the system gives no more, less N; release closes them
 * Each is answered by a line of JSON on stdout, an `Answer`. Arguments: the home, and limits to keep, as JSON.
 */

export type Answer =
  | { readonly done: string }
  | { readonly failed: string; readonly message: string; readonly hint: string | undefined }

const CHUNK_BYTES = 3000

/** Always the same for a key; that of `big` is. */
export const chunkOf = (key: string) =>
  makeChunk(Buffer.alloc(key === 'big' ? 3 * CHUNK_BYTES : CHUNK_BYTES, `${key} `), false, false)

/** Returns the version's id. */
export async function write(segment: Segment, key: string): Promise<string | undefined> {
  const chunk = chunkOf(key)
  await segment.chunks.put([chunk])
  const [result] = await segment.versions.publish(bucketOf(segment), [done(key, fileOf(chunk))], { overwrite: true })
  if (result?.status !== 'published' && result?.status !== 'known') throw new Error(`it is ${result?.status}`)
  return result.id
}

// The program has it when it begins to run short of anything.
await loadCompression()

const hoarded: number[] = []

function hoard(spare: number): undefined {
  try {
    for (;;) hoarded.push(openSync('/dev/null', 'r'))
  } catch (error) {
    if (systemCode(error) !== 'EMFILE') throw error
  }
  for (const file of hoarded.splice(0, spare)) closeSync(file)
}

function release(): undefined {
  for (const file of hoarded.splice(0)) closeSync(file)
}

let segment: Segment | undefined

async function obey(home: string, [word, key = '']: readonly string[]): Promise<string | undefined> {
  if (word === 'open') segment = await openSegment(home, { clock: systemClock })
  if (word === 'hello') return undefined
  if (word === 'hoard') return hoard(Number(key))
  if (word === 'release') return release()
  if (segment === undefined) throw new Error('it is not open')
  if (word === 'write') return write(segment, key)
  if (word === 'see') return segment.versions.head(bucketOf(segment), objectKey(key))?.held?.id ?? 'nothing'
  if (word === 'close') await segment.close()
  return ''
}

const answered = (work: Promise<string | undefined>): Promise<Answer> =>
  work.then(
    (result) => ({ done: result ?? '' }),
    (error: unknown) => {
      if (!(error instanceof EfsError)) throw error
      return { failed: error.code, message: error.message, hint: error.hint }
    },
  )

const [, script, home, limits] = process.argv
if (script === import.meta.filename && home !== undefined && limits !== undefined) {
  Object.assign(LIMITS, JSON.parse(limits))
  for await (const line of createInterface({ input: process.stdin })) {
    writeSync(1, `${JSON.stringify(await answered(obey(home, line.split(' '))))}\n`)
  }
}
