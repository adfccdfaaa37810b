import { expect, test } from 'vitest'
import { keyWords } from '../../src/app/services/key-words.js'
import { ERRORS } from '../../src/base/errors.js'
import { EXIT_CODES } from '../../src/cli/exit-codes.js'
import { explain } from '../../src/cli/explain.js'
import { SETTING_KEYS } from '../../src/cli/settings/rules.js'
import { ABOUT_ISGW } from '../../src/service/about.js'
import { ISGW_KEYS } from '../../src/service/isgw.js'
import { World } from '../e2e/world.js'

test('every key, code, exit code and setting is explained, and no line of it is empty', () => {
  const words = [
    ...keyWords().map(({ key }) => key),
    ...Object.keys(ERRORS),
    ...EXIT_CODES.map(([code]) => String(code)),
    ...SETTING_KEYS,
  ]
  for (const word of words) {
    const { about } = explain(word)
    expect(Object.keys(about).length, word).toBeGreaterThan(word === '0' ? 0 : 1)
    for (const line of Object.values(about)) expect(line, word).toMatch(/\S$/)
  }
  expect(Object.keys(ABOUT_ISGW)).toEqual(ISGW_KEYS.map(({ key }) => key))
})

test('a key tells what it takes and how it is set, an idle one that nothing is done with it', () => {
  expect(explain('x-isgw-direction')).toEqual({
    word: 'X-ISGW-Direction',
    kind: 'key',
    about: {
      key: 'of a service of type isgw: which way changes travel',
      takes: '1 send, 2 receive, 3 both',
      new: '-',
      flag: '--direction of service create',
      set: 'efs service config NAME X-ISGW-Direction VALUE',
    },
  })
  expect(explain('X-ISGW-DFLocal').about.note).toBe('its value is kept, but objects are replicated whole')
  expect(explain('X-ISGW-Basic-Auth').about.set).toBe('efs service config NAME X-ISGW-Basic-Auth -')
})

test('explain speaks at the keyboard, and names the nearest of what it does not know', () => {
  const world = new World()
  expect(world.efs('explain', '6')).toEqual({
    status: 0,
    stdout:
      'exit: a guard stopped it: too many deletes, not empty, still served\n' +
      'NOT_EMPTY: what is to be deleted has something in it\n' +
      'GUARD: more would be deleted than is likely to be meant\n',
    stderr: '',
  })
  expect(world.json('explain', 'guard')).toMatchObject({ word: 'GUARD', kind: 'code', about: { exit: '6' } })
  expect(() => explain('GUARDS')).toThrow(expect.objectContaining({ code: 'NOT_FOUND', hint: 'did you mean GUARD?' }))
  expect(() => explain('banana-split')).toThrow(
    expect.objectContaining({ hint: expect.stringContaining('it explains keys') }),
  )
})
