import { open, readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { type OpenPack, writeAt } from '../../src/store/packs/file.js'
import { folder } from './homes.js'

test('what is written in pieces stands in the file as it was given', async () => {
  const { writeBytesMax } = LIMITS
  Object.assign(LIMITS, { writeBytesMax: 64 })
  onTestFinished(() => {
    Object.assign(LIMITS, { writeBytesMax })
  })
  const name = `${await folder()}/pack`
  const file = await open(name, 'w+')
  onTestFinished(() => file.close())
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 })), fc.nat(100), async (parts, position) => {
      await file.truncate(0)
      const pack: OpenPack = {
        pack: 1,
        sinceDense: 0,
        file,
        header: Buffer.alloc(0),
        end: position,
        indexed: 0,
        sealed: false,
        torn: false,
      }
      await writeAt(pack, position, parts)
      const all = Buffer.concat(parts)
      expect(pack.end).toBe(position + all.length)
      if (all.length > 0) expect((await readFile(name)).equals(Buffer.concat([Buffer.alloc(position), all]))).toBe(true)
    }),
    { numRuns: 60 },
  )
})
