import { closeSync, openSync, readFileSync, statSync, writeSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { expectRefused, expectSound, idOf } from './faulty-homes.js'
import { FaultyWriter, LMDB_MAY_ABORT, unlessAborted } from './faulty-writers.js'
import { home } from './homes.js'

/*
 * After a sync that failed, the kernel may drop what it had not written, say so once, and let the next sync succeed. So
 * nothing that such a sync was to cover may be built upon; here the test drops it.
 */

const OLD = 'packs/00000001.pack'
const NEW = 'packs/00000002.pack'

/** What the disk would give back, had these bytes never reached it: in place, as the process has the file open. */
function putBack(file: string, bytes: Uint8Array): void {
  const opened = openSync(file, 'r+')
  writeSync(opened, bytes, 0, bytes.length, 0)
  closeSync(opened)
}

test.each([
  { what: 'a pack that is gone on with', file: OLD, limits: {} },
  { what: 'a new pack, with its header', file: NEW, limits: { packReuseBytesMax: 0 } },
])('a failed sync of $what is followed by one of bytes that are written again', async ({ file, limits }) => {
  const where = await home()
  const pack = path.join(where, file)
  const synced = file === OLD ? readFileSync(pack) : Buffer.alloc(0)
  const writer = await FaultyWriter.start(where, limits)
  await writer.ask('open')
  expectRefused(await writer.askWhile({ calls: 'fdatasync', files: [file], error: 'EIO' }, 'write meant'), 'EIO')
  const left = statSync(pack).size
  putBack(pack, Buffer.concat([synced, Buffer.alloc(left - synced.length)]))
  const meant = idOf(await writer.ask('write meant'))
  expect(await writer.ask('close')).toEqual({ done: '' })
  await expectSound(where, { meant })
})

test('a failed sync of the index is followed by a commit that needs none of its pages', async () => {
  const where = await home()
  const index = path.join(where, 'index.mdb')
  const writer = await FaultyWriter.start(where)
  await writer.ask('open')
  const before = idOf(await writer.ask('write before'))
  const synced = readFileSync(index)
  expectRefused(await writer.askWhile({ calls: 'fdatasync', files: ['index.mdb'], error: 'EIO' }, 'write meant'), 'EIO')
  const left = statSync(index).size
  putBack(index, Buffer.concat([synced, Buffer.alloc(left - synced.length)]))
  const meant = idOf(await writer.ask('write meant'))
  expect(await writer.ask('close')).toEqual({ done: '' })
  await expectSound(where, { before, meant })
})

/** LMDB's last write is that of a meta page: where it fails, nobody knows whether the disk has it. */
const WRITES_MAX = 12

test(
  'whichever write into the index fails, the commit is refused whole, or in doubt and completed by the next process',
  LMDB_MAY_ABORT,
  async () => {
    const inDoubt: number[] = []
    let harmless = 0
    for (let write = 1; harmless === 0 && write <= WRITES_MAX; write++) {
      const { where, writer, acknowledged, first } = await unlessAborted(async () => {
        const where = await home()
        const writer = await FaultyWriter.start(where)
        await writer.ask('open')
        const acknowledged = { before: idOf(await writer.ask('write before')) }
        const fault = { calls: 'pwrite64', files: ['index.mdb'], error: 'EIO', when: String(write) }
        return { where, writer, acknowledged, first: await writer.askWhile(fault, 'write meant') }
      })
      if ('done' in first) harmless = write
      else expectRefused(first, 'EIO')
      const second = await writer.ask('write meant')
      if ('failed' in second) {
        inDoubt.push(write)
        expectRefused(second, 'EIO')
        expectRefused(await writer.ask('write after'), 'EIO')
      } else Object.assign(acknowledged, { meant: second.done })
      await writer.ask('close')
      await writer.end()
      const isInDoubt = 'failed' in second
      expect(await expectSound(where, acknowledged, isInDoubt ? ['meant'] : [])).toEqual(isInDoubt ? ['meant'] : [])
    }
    expect(harmless).toBeGreaterThan(1)
    expect(inDoubt).toEqual([harmless - 1])
  },
)
