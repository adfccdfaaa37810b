import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { readValue } from '../../src/service/key-rule.js'
import { keptOnly, newService, parseServiceName, rowsOf, shownValue, withValue } from '../../src/service/service.js'
import { keysOf, parseServiceType, ruleOf } from '../../src/service/types.js'
import { refusal } from './refusal.js'

const NEW = newService('isgw', 'hawaii', {})
const LINE = `efs service config hawaii X-ISGW-Basic-Auth -`

test('a new service has the keys of the old tool, in its order and with its values', () => {
  expect(rowsOf(NEW).map((row) => row.join(': '))).toEqual([
    'X-Service-Name: hawaii',
    'X-Service-Type: isgw',
    'X-Description: Inter Segment Gateway',
    'X-Auth-Type: disabled',
    'X-Servers: -',
    'X-Status: disabled',
    'X-ISGW-Local: -',
    'X-ISGW-DFLocal: -',
    'X-ISGW-Remote: -',
    'X-Container-Network: -',
    'X-ISGW-Basic-Auth: -',
    'X-ISGW-Direction: -',
    'X-ISGW-Replication: -',
    'X-ISGW-MDOnly: -',
    'X-ISGW-Number-Of-Connections: 2',
    'X-ISGW-Encrypted-Tunnel: -',
    'X-ISGW-Processing-Delay: 0',
  ])
})

describe('a value that is taken, and how it is shown', () => {
  const rows: readonly [key: string, typed: string, shown: string][] = [
    ['X-Description', 'to the data centre', 'to the data centre'],
    ['X-Auth-Type', 'disabled', 'disabled'],
    ['X-Status', 'enabled', 'enabled'],
    ['X-ISGW-Local', '0.0.0.0:14000', '0.0.0.0:14000'],
    ['X-ISGW-Local', '[::1]:14000', '[::1]:14000'],
    ['X-ISGW-DFLocal', 'edge.example:49678', 'edge.example:49678'],
    ['X-ISGW-Remote', 'ccow://10.100.194.238:14000', 'ccow://10.100.194.238:14000'],
    ['X-ISGW-Remote', 'ccows://peer.example', 'ccows://peer.example:14000'],
    ['X-ISGW-Remote', 'file:///srv/mirror', 'file:///srv/mirror'],
    ['X-ISGW-Direction', 'send', '1'],
    ['X-ISGW-Direction', '2', '2'],
    ['X-ISGW-Direction', 'both', '3'],
    ['X-ISGW-Direction', 'send+receive', '3'],
    ['X-ISGW-Replication', 'initial', '1'],
    ['X-ISGW-Replication', 'continuous', '2'],
    ['X-ISGW-Replication', 'initial+continuous', '3'],
    ['X-ISGW-MDOnly', 'versions', '2'],
    ['X-ISGW-Encrypted-Tunnel', 'true', '1'],
    ['X-ISGW-Number-Of-Connections', '64', '64'],
    ['X-ISGW-Number-Of-Connections', '007', '7'],
    ['X-ISGW-Processing-Delay', '30000', '30000'],
  ]
  for (const [key, typed, shown] of rows) {
    test(`${key} ${typed}`, () => {
      const made = withValue(NEW, key, typed)
      expect(shownValue(made, key)).toBe(shown)
      expect(withValue(made, key, shown)).toEqual(made)
      expect(withValue(made, key, '-')).toEqual(NEW)
      expect(withValue(made, key, '')).toEqual(NEW)
    })
  }
})

describe('what is refused, and what is said instead', () => {
  const rows: readonly [key: string, typed: string, message: string, hint: string][] = [
    ['X-Service-Name', 'x', 'X-Service-Name of a service does not change', 'make another service, and delete this one'],
    ['X-Service-Type', '-', 'X-Service-Type of a service does not change', 'make another service, and delete this one'],
    ['X-Description', 'a\nb', 'X-Description does not take "a\\nb"', 'it takes one line of at most 1024 bytes'],
    ['X-Status', 'enable', 'X-Status does not take "enable"', 'it takes disabled, enabled; did you mean enabled?'],
    ['X-ISGW-Direction', '4', 'X-ISGW-Direction does not take "4"', 'it takes 1 send, 2 receive, 3 both'],
    [
      'X-ISGW-Direction',
      'recieve',
      'X-ISGW-Direction does not take "recieve"',
      'it takes 1 send, 2 receive, 3 both; did you mean receive?',
    ],
    [
      'X-ISGW-Local',
      '0.0.0.0',
      'X-ISGW-Local does not take "0.0.0.0"',
      'it takes HOST:PORT, as in 0.0.0.0:14000; did you mean 0.0.0.0:14000?',
    ],
    [
      'X-ISGW-Local',
      '14001',
      'X-ISGW-Local does not take "14001"',
      'it takes HOST:PORT, as in 0.0.0.0:14000; did you mean 0.0.0.0:14001?',
    ],
    ['X-ISGW-Number-Of-Connections', '0', 'X-ISGW-Number-Of-Connections does not take "0"', 'it takes 1 to 64'],
    ['X-ISGW-Number-Of-Connections', '65', 'X-ISGW-Number-Of-Connections does not take "65"', 'it takes 1 to 64'],
    ['X-ISGW-Processing-Delay', '1s', 'X-ISGW-Processing-Delay does not take "1s"', 'it takes 0 to 3600000 ms'],
    [
      'X-ISGW-Remote',
      'ccow://a:b@h:1',
      'an address holds no password: others could read it',
      `write ccow://h:1, and give the password with: ${LINE}`,
    ],
    [
      'X-ISGW-Directon',
      '3',
      'no key X-ISGW-Directon for a service of type isgw',
      'did you mean X-ISGW-Direction? (1 send, 2 receive, 3 both)',
    ],
    ['x-status', 'enabled', 'no key x-status for a service of type isgw', 'did you mean X-Status? (disabled, enabled)'],
  ]
  for (const [key, typed, message, hint] of rows) {
    test(`${key} ${JSON.stringify(typed)}`, () => {
      expect(refusal(() => withValue(NEW, key, typed))).toEqual({ code: 'USAGE', message, hint })
    })
  }

  test('a key that is near none is answered with all', () => {
    const { hint } = refusal(() => ruleOf('isgw', 'X-S3-Region'))
    for (const { key } of keysOf('isgw')) expect(hint).toContain(key)
  })

  test('a type that is none', () => {
    expect(refusal(() => parseServiceType('nfs'))).toEqual({
      code: 'USAGE',
      message: 'no service type "nfs"',
      hint: 'there is isgw',
    })
  })
})

test('whatever is typed, a value is refused in words or shown so that it can be typed again', () => {
  const key = fc.constantFrom(...keysOf('isgw').map((rule) => rule.key))
  const words = fc.constantFrom('send', 'ccow://h', 'file:///a b#c', '[::1]:1', 'h:65536', '********', '0', '2', 'a@b')
  fc.assert(
    fc.property(key, fc.oneof(words, fc.string(), fc.string({ unit: 'grapheme' })), (name, typed) => {
      const rule = ruleOf('isgw', name)
      const outcome = refusal(() => readValue(rule, typed, 'hawaii'), { orNone: true })
      if (outcome.code === 'none') {
        const shown = readValue(rule, typed, 'hawaii')
        expect(readValue(rule, shown, 'hawaii')).toBe(shown)
      } else expect(outcome.code).toBe('USAGE')
    }),
    { numRuns: 2000 },
  )
})

test('what is kept and not used says so once it has a value', () => {
  const set = newService('isgw', 'hawaii', { 'X-ISGW-MDOnly': '2', 'X-Servers': 'a', 'X-ISGW-Direction': '1' })
  expect(keptOnly(set, ['X-ISGW-MDOnly', 'X-Servers', 'X-ISGW-Direction', 'X-Container-Network'])).toEqual([
    'X-ISGW-MDOnly is kept, but objects are replicated whole',
    'X-Servers is kept, but no containers are placed here',
  ])
  expect(keptOnly(withValue(NEW, 'X-ISGW-MDOnly', '0'), ['X-ISGW-MDOnly'])).toEqual([])
})

test('the name of a service is the name of a file, whatever is typed', () => {
  for (const name of ['hawaii', 'hawaii-r', 'Hawaii_2.b', 'ハワイ', 'a'.repeat(128)])
    expect(parseServiceName(name)).toBe(name)
  for (const name of ['', 'a/b', 'a\\b', '..', '.hidden', '-s', 'a b', 'a\nb', 'a'.repeat(129)])
    expect(refusal(() => parseServiceName(name)).code, name).toBe('USAGE')
})

test('a pairing URL on a command line is answered with where to paste it, and is not repeated', () => {
  const url = 'ccows://pair:K7Q2-M4XD-9TPL@10.3.32.240:14000/Hawaii-r/Cola/bk1#sha256:9f2c'
  const { message, hint = '' } = refusal(() => readValue(ruleOf('isgw', 'X-ISGW-Remote'), url, 'hawaii'))
  expect(hint).toContain('efs service config hawaii X-ISGW-Remote -')
  expect(`${message} ${hint}`).not.toContain('K7Q2')
})
