import { expect, test } from 'vitest'
import type { BaselineRow } from '../../src/model/baseline.js'
import type { State } from '../../src/model/history.js'
import { versionId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import { objectPrint, type VersionRef } from '../../src/model/version-ref.js'
import { dueStates } from '../../src/transfer/history.js'

const KEY = objectKey('k')
const there: VersionRef = { key: KEY, kind: 'file', size: 1 }
const deleted: VersionRef = { key: KEY, kind: 'deleted', size: 0 }

/** A letter a state, a second apart; `-` is a delete. */
const statesOf = (letters: string): State[] =>
  [...letters].map((letter, i) => ({
    name: `${i}`,
    row: { key: KEY, kind: letter === '-' ? 'deleted' : 'file', size: 1, seen: objectPrint(letter, 1, 1000 * i, 0) },
  }))

const agreedOn = (letter: string, second: number): BaselineRow => ({
  key: KEY,
  id: versionId('00'.repeat(32)),
  seen: objectPrint(letter, 1, 1000 * second, 0),
})

test.each<[string, string, VersionRef | undefined, BaselineRow | undefined, string]>([
  ['of what was never there all come but the last', 'abc', undefined, undefined, '01'],
  ['and the last too where it is a delete', 'ab-', undefined, undefined, '012'],
  ['one state is for the run itself', 'a', undefined, undefined, ''],
  ['a delete of nothing is nothing', '-', undefined, undefined, ''],
  ['what is there from elsewhere has its own past', 'abc', there, undefined, ''],
  ['what was agreed on is not brought again', 'abcd', there, agreedOn('b', 1), '2'],
  ['nothing is new', 'abc', there, agreedOn('c', 2), ''],
  ['of the same content twice the later counts', 'abab', there, agreedOn('b', 3), ''],
  ['but not one that is later than what was seen', 'abab', there, agreedOn('b', 2), '2'],
  ['what was agreed on may be forgotten by now', 'cde', there, agreedOn('b', 0), '1'],
  ['a delete at the end is for the run, one in the middle is not', 'ab-c-', there, agreedOn('a', 0), '123'],
  ['of what was deleted at both come those since, without that delete', 'a-bc-de', deleted, agreedOn('a', 0), '2345'],
  ['also where it is deleted again, with that delete', 'a-b-', deleted, agreedOn('a', 0), '23'],
  ['where nothing came since the delete, nothing is due', 'a-', deleted, agreedOn('a', 0), ''],
  ['what is deleted there by somebody else has its own past', 'a-bc', deleted, undefined, ''],
])('%s', (_, letters, at, base, due) => {
  expect(
    dueStates(statesOf(letters), at, base)
      .map(({ name }) => name)
      .join(''),
  ).toBe(due)
})
