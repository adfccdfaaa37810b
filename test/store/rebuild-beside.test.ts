import { appendFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/base/clock.js'
import { objectKey } from '../../src/model/key.js'
import type { Finding } from '../../src/model/segment.js'
import { packPath } from '../../src/store/home.js'
import { rebuildIndex } from '../../src/store/rebuild/rebuild.js'
import { withSegment } from '../../src/store/segment.js'
import { FaultyWriter } from './faulty-writers.js'
import { bucketOf, home } from './homes.js'

const options = { clock: systemClock }

/** A home with one version of `one`, and the end of its pack spoilt. */
async function homeWithEnd(bytes: Buffer): Promise<string> {
  const where = await home()
  await writtenBeside(where, 'one')
  await appendFile(packPath(where, 1), bytes)
  return where
}

/** Another process opens the home, writes, is told that it is kept, and closes it. */
async function writtenBeside(where: string, key: string): Promise<void> {
  const writer = await FaultyWriter.start(where)
  for (const line of ['open', `write ${key}`, 'close']) expect(await writer.ask(line)).not.toHaveProperty('failed')
  await writer.end()
}

/** Makes the index anew, and lets another process write once when something is first told. */
async function rebuiltBeside(where: string): Promise<Finding[]> {
  const findings: Finding[] = []
  const tell = async (finding: Finding): Promise<void> => {
    findings.push(finding)
    if (findings.length === 1) await writtenBeside(where, 'two')
  }
  await rebuildIndex(where, { ...options, tell })
  return findings
}

const headsIn = (where: string): Promise<boolean[]> =>
  withSegment(where, options, async (segment) =>
    ['one', 'two'].map((key) => segment.versions.head(bucketOf(segment), objectKey(key)) !== undefined),
  )

test('what another process writes once torn ends are cut off is kept', async () => {
  const where = await homeWithEnd(Buffer.from('begun'))
  expect(await rebuiltBeside(where)).toMatchObject([{ kind: 'note' }])
  expect(await headsIn(where)).toEqual([true, true])
})

test('an index that was written to while it was made anew stays', async () => {
  const where = await homeWithEnd(Buffer.alloc(100))
  await writtenBeside(where, 'three')
  await expect(rebuiltBeside(where)).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('was written to'),
  })
  expect(await headsIn(where)).toEqual([true, true])
})
