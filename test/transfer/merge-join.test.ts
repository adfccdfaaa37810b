import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { compareKeys, type ObjectKey, objectKey } from '../../src/model/key.js'
import { type Joined, mergeJoin, noPages, type Pages } from '../../src/transfer/merge-join.js'

interface Row {
  readonly key: ObjectKey
  readonly side: string
}

/** Pages of a stream, and whether it was closed. */
class Stream {
  pulled = 0
  closed = false

  constructor(readonly pages: readonly (readonly Row[])[]) {}

  async *read(): Pages<Row> {
    try {
      for (const page of this.pages) {
        this.pulled++
        yield page
      }
    } finally {
      this.closed = true
    }
  }
}

const rows = (side: string, keys: readonly string[]): Row[] => keys.map((key) => ({ key: objectKey(key), side }))

function paged(all: readonly Row[], sizes: readonly number[]): Row[][] {
  const pages: Row[][] = []
  for (let from = 0, i = 0; from < all.length; i++) {
    const size = sizes[i % sizes.length] ?? 1
    pages.push(all.slice(from, from + size))
    from += size
  }
  return pages
}

async function collect(pages: AsyncIterable<Joined<Row, Row, Row>[]>): Promise<Joined<Row, Row, Row>[]> {
  const all: Joined<Row, Row, Row>[] = []
  for await (const page of pages) all.push(...page)
  return all
}

const someKeys = fc
  .uniqueArray(
    fc.string({ unit: fc.constantFrom('a', 'b', '/', '-', 'é', '\uE000', '😀'), minLength: 1, maxLength: 4 }),
  )
  .map((keys) => keys.sort(compareKeys))
const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 4 })

test('joins like a map, in key order, whatever the pages', async () => {
  await fc.assert(
    fc.asyncProperty(someKeys, someKeys, someKeys, sizes, async (l, r, b, cut) => {
      const [left, right, base] = [rows('l', l), rows('r', r), rows('b', b)]
      const joined = await collect(
        mergeJoin(
          new Stream(paged(left, cut)).read(),
          new Stream(paged(right, [...cut].reverse())).read(),
          new Stream(paged(base, [2])).read(),
        ),
      )
      const find = (side: readonly Row[], key: string): Row | undefined => side.find((row) => row.key === key)
      const naive = [...new Set([...l, ...r, ...b])]
        .sort((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)))
        .map((key) => ({ key, left: find(left, key), right: find(right, key), base: find(base, key) }))
      expect(joined).toEqual(naive)
    }),
  )
})

const disorders: [string, string[]][] = [
  ['descending', ['b', 'a']],
  ['twice the same', ['a', 'a']],
  ['in the order of UTF-16', ['😀', '\uE000']],
]

test.each(disorders)('a stream that is out of order is an error, on any side: %s', async (_, keys) => {
  for (const side of [0, 1, 2]) {
    for (const size of [1, 2]) {
      const streams = [0, 1, 2].map(
        (i) => new Stream(i === side ? paged(rows('x', keys), [size]) : [rows('y', ['a', 'c'])]),
      )
      const [l, r, b] = streams.map((stream) => stream.read())
      if (!l || !r || !b) throw new Error('three streams')
      await expect(collect(mergeJoin(l, r, b))).rejects.toMatchObject({ code: 'FAILED' })
      expect(streams.map(({ closed }) => closed)).toEqual([true, true, true])
    }
  }
})

test('closes its inputs when it is left early, and reads no further than it must', async () => {
  const many = rows(
    'x',
    Array.from({ length: 3000 }, (_, i) => String(i).padStart(5, '0')),
  )
  const streams = [0, 1, 2].map(() => new Stream(paged(many, [10])))
  const [l, r, b] = streams.map((stream) => stream.read())
  if (!l || !r || !b) throw new Error('three streams')
  for await (const page of mergeJoin(l, r, b)) {
    expect(page.length).toBe(LIMITS.pageRowsMax)
    break
  }
  expect(streams.map(({ closed }) => closed)).toEqual([true, true, true])
  expect(streams.every(({ pulled }) => pulled <= LIMITS.pageRowsMax / 10 + 2)).toBe(true)
})

test('a failing input fails the join and closes the others', async () => {
  const other = new Stream([rows('l', ['a', 'b', 'c'])])
  async function* failing(): Pages<Row> {
    yield rows('r', ['a'])
    throw new Error('the disk')
  }
  await expect(collect(mergeJoin(other.read(), failing(), noPages()))).rejects.toThrow('the disk')
  expect(other.closed).toBe(true)
})
