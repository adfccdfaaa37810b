import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import type { Cbor } from '../../src/format/cbor.js'
import type { Shape } from '../../src/format/shape.js'
import { admitFrame, decodeBody, encodeBody } from '../../src/link/protocol/body.js'
import { failure, OPS } from '../../src/link/protocol/ops.js'
import { plainOf } from '../../src/model/chunk.js'

const page = readFileSync('docs/link-protocol.md', 'utf8')

/** CBOR's diagnostic notation, as far as the page uses it. */
function cborOf(text: string): Cbor {
  const json = text.replace(/h'([0-9a-f]*)'/g, '"hex:$1"')
  return JSON.parse(json, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith('hex:') ? Buffer.from(value.slice(4), 'hex') : value,
  )
}

const example = (sign: string, name: string): Cbor =>
  cborOf(new RegExp(`^${sign} ${name} (.*)$`, 'm').exec(page)?.[1] ?? `no example ${sign} ${name}`)

/** Read, and written again as it stands on the page. */
function holds(shape: Shape<unknown>, written: Cbor): void {
  const again = shape.write(shape.read(written))
  expect(plain(again)).toEqual(plain(written))
}

const plain = (value: Cbor): unknown =>
  JSON.parse(JSON.stringify(value, (_, one) => (one?.type === 'Buffer' ? Buffer.from(one).toString('hex') : one)))

for (const [name, op] of Object.entries(OPS)) {
  test(`${name}: the page has a heading, and its examples are what is spoken`, () => {
    expect(page).toMatch(new RegExp(`^### ${name}$`, 'm'))
    holds(op.request, example('>', name))
    holds(op.answer, example('<', name))
  })
}

test('the example of a failure, and that of a body with a chunk', () => {
  holds(failure, example('<', 'failure'))
  const hex = /^```\n((?:[0-9a-f]+\n)+)```$/m.exec(page)?.[1]?.replaceAll('\n', '') ?? ''
  const { message, frames } = decodeBody(OPS.put.request, Buffer.from(hex, 'hex'))
  const chunks = frames.map(admitFrame)
  expect(chunks.map((chunk) => Buffer.from(plainOf(chunk)).toString())).toEqual(['hello'])
  expect(Buffer.concat(encodeBody(OPS.put.request, message, chunks)).toString('hex')).toBe(hex)
})

test('the limits on the page are those of the program', () => {
  const told = (what: string): string => page.split('\n').find((line) => line.startsWith(`| ${what}`)) ?? ''
  const count = (value: number): string => value.toLocaleString('en')
  const mebibytes = (bytes: number): string => `${bytes / 2 ** 20} MiB`
  expect(told('the body of `hello`')).toContain(`${LIMITS.linkKnockBytesMax / 1024} KiB`)
  expect(told('a body without')).toContain(mebibytes(LIMITS.linkMessageBytesMax))
  expect(told('a body with chunks')).toContain(mebibytes(LIMITS.linkBodyBytesMax))
  expect(told('a chunk')).toContain(mebibytes(LIMITS.chunkBytesMax))
  expect(told('refs of')).toContain(count(LIMITS.missingRefsMax))
  expect(told('rows of `versions`')).toContain(count(LIMITS.parcelObjectsMax))
  expect(told('rows in an answer to `list`')).toContain(count(LIMITS.linkRowsMax))
  expect(told('buckets of')).toContain(count(LIMITS.linkBucketsMax))
  expect(told('names in')).toContain(count(LIMITS.linkNamesMax))
  expect(told('sessions of one segment')).toContain(count(LIMITS.linkSessionsOfSegmentMax))
  expect(told('chunks that nodes')).toContain(count(LIMITS.earlyRefsMax))
  expect(told('sessions,')).toContain(
    [LIMITS.linkSessionsMax, LIMITS.linkSocketsMax, LIMITS.linkRequestsMax].map(count).join(', '),
  )
})
