import { expect, test } from 'vitest'
import { type ObjectKey, objectKey } from '../../src/model/key.js'
import type { Guard, Step } from '../../src/model/transfer.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { countPlan, passGuard } from '../../src/transfer/guard.js'
import { codeOf } from './runs.js'

const DEFAULT: Guard = { force: false }
const count = (n: number): Guard => ({ force: false, maxDelete: { count: n } })
const percent = (n: number): Guard => ({ force: false, maxDelete: { percent: n } })

const cases: [string, { source: number; sink: number; deletes: number; whole?: string }, Guard, string | undefined][] =
  [
    ['nothing to delete', { source: 0, sink: 500, deletes: 0 }, DEFAULT, undefined],
    [
      'an empty source',
      { source: 0, sink: 8114, deletes: 8114 },
      DEFAULT,
      'the source is empty and 8,114 objects would be deleted',
    ],
    [
      'an empty source, one object',
      { source: 0, sink: 1, deletes: 1 },
      DEFAULT,
      'the source is empty and 1 object would be deleted',
    ],
    ['most of a few', { source: 1, sink: 100, deletes: 99 }, DEFAULT, undefined],
    ['half of many', { source: 50, sink: 102, deletes: 51 }, DEFAULT, undefined],
    ['more than half of many', { source: 49, sink: 101, deletes: 51 }, DEFAULT, '51 objects would be deleted, of 101'],
    ['up to a number', { source: 0, sink: 3, deletes: 3 }, count(3), undefined],
    [
      'over a number',
      { source: 9, sink: 12, deletes: 3 },
      count(2),
      '3 objects would be deleted, --max-delete allows 2',
    ],
    ['none allowed', { source: 9, sink: 10, deletes: 1 }, count(0), '1 object would be deleted, --max-delete allows 0'],
    ['up to a share', { source: 1, sink: 4, deletes: 1 }, percent(25), undefined],
    [
      'over a share',
      { source: 1, sink: 4, deletes: 2 },
      percent(25),
      '2 objects would be deleted, of 4; --max-delete allows 25%',
    ],
    ['an empty source, all allowed', { source: 0, sink: 400, deletes: 400 }, percent(100), undefined],
    [
      'another source than before',
      { source: 11, sink: 12, deletes: 1 },
      { force: false, nothing: 'the source is another directory than before' },
      'the source is another directory than before and 1 object would be deleted',
    ],
    [
      'another source that has all',
      { source: 12, sink: 12, deletes: 0 },
      { force: false, nothing: 'the source is another directory than before' },
      undefined,
    ],
    [
      'something that is more than an object',
      { source: 1000, sink: 1000, deletes: 1, whole: 'a segment' },
      { force: false, maxDelete: { percent: 100 } },
      'a segment would be deleted',
    ],
    [
      'forced, more than an object',
      { source: 12, sink: 12, deletes: 1, whole: 'a segment' },
      { force: true },
      undefined,
    ],
    ['forced', { source: 0, sink: 400, deletes: 400 }, { force: true }, undefined],
  ]

test.each(cases)('%s', (_, counts, guard, why) => {
  const pass = (): void => passGuard({ ...counts, creates: 0, deleteSteps: counts.deletes }, guard)
  if (why === undefined) return expect(pass).not.toThrow()
  expect(pass).toThrow(`stopped by the guard: ${why}`)
  expect(codeOf(pass)).toBe('GUARD')
})

test('folders and deletes are not counted as objects', async () => {
  const key = (text: string): ObjectKey => objectKey(text)
  const row = (text: string, kind: VersionRef['kind']): VersionRef => ({ key: key(text), kind, size: 1 })
  async function* plan(): AsyncGenerator<readonly Step[]> {
    yield [
      { kind: 'copy', key: key('new'), here: row('new', 'file') },
      { kind: 'copy', key: key('changed'), here: row('changed', 'file'), there: row('changed', 'file') },
      { kind: 'copy', key: key('back'), here: row('back', 'file'), there: row('back', 'deleted') },
      { kind: 'copy', key: key('d/'), here: row('d/', 'folder') },
    ]
    yield [
      { kind: 'keep', key: key('same'), why: 'same' },
      { kind: 'keep', key: key('extra'), why: 'extra' },
      { kind: 'keep', key: key('deleted'), why: 'deleted' },
      { kind: 'delete', key: key('gone'), there: row('gone', 'file') },
      { kind: 'delete', key: key('gone/'), there: row('gone/', 'folder') },
    ]
  }
  const counted = { source: 4, sink: 4, deletes: 1, creates: 2, deleteSteps: 2 }
  expect(await countPlan(plan())).toEqual(counted)
  expect(await countPlan(plan(), (one) => `what is told by ${one}`)).toEqual({
    ...counted,
    whole: 'what is told by gone',
  })
})
