import { closeSync, openSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { writeAll } from '../../src/endpoints/directory/partials.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder } from './folders.js'

test('a large chunk stands in its file as it is, behind what stood there', () => {
  const name = path.join(emptyFolder(), 'partial')
  const bytes = noise(1, 2 * LIMITS.writeBytesMax + 5)
  const file = openSync(name, 'w')
  writeAll(file, Buffer.from('before'), 0)
  writeAll(file, bytes, 6)
  closeSync(file)
  expect(readFileSync(name).equals(Buffer.concat([Buffer.from('before'), bytes]))).toBe(true)
})
