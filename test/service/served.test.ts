import { describe, expect, test } from 'vitest'
import type { Served, Service } from '../../src/model/service.js'
import {
  checked,
  parseServed,
  reattached,
  servedBy,
  servedText,
  withoutServed,
  withServed,
} from '../../src/service/served.js'
import { newService, withValue } from '../../src/service/service.js'
import { refusal } from './refusal.js'

const NEW = newService('isgw', 'hawaii', { 'X-ISGW-Remote': 'ccow://10.3.32.240' })
const BK1: Served = { path: 'Hawaii/Cola/bk1', pause: false }
const BK2: Served = { path: 'Hawaii/Cola/bk2', pause: false }

describe('a path with its options', () => {
  for (const [text, served, shown] of [
    ['Hawaii/Cola/bk1', BK1, 'Hawaii/Cola/bk1'],
    ['Hawaii/Cola', { path: 'Hawaii/Cola', pause: false }, 'Hawaii/Cola'],
    ['Hawaii/Cola/bk1,pause', { ...BK1, pause: true }, 'Hawaii/Cola/bk1,pause'],
    [
      'Hawaii/Cola/bk1,pause,as=Hawaii-r/Cola/bk1',
      { ...BK1, as: 'Hawaii-r/Cola/bk1', pause: true },
      'Hawaii/Cola/bk1,as=Hawaii-r/Cola/bk1,pause',
    ],
    ['Hawaii/Cola/bk1,as=Hawaii/Cola/bk1', BK1, 'Hawaii/Cola/bk1'],
  ] as const) {
    test(text, () => {
      expect(parseServed(text)).toEqual(served)
      expect(servedText(parseServed(text))).toBe(shown)
    })
  }

  for (const [text, hint] of [
    ['Hawaii/Cola/bk1,paus', 'did you mean pause?'],
    ['Hawaii/Cola/bk1,pause=1', 'did you mean pause?'],
    ['Hawaii/Cola/bk1,as', 'did you mean as=BUCKET?'],
    ['Hawaii/Cola/bk1,initial', 'there is pause, and as=BUCKET; a bucket with a comma in its name is made here first'],
    ['Hawaii/Cola/bk1/', 'did you mean Hawaii/Cola/bk1?'],
    ['Hawaii/Cola/', 'did you mean Hawaii/Cola?'],
    ['Hawaii/', 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1'],
    ['Hawaii', 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1'],
    ['Hawaii/Cola/bk1/key', 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1'],
    ['Hawaii//bk1', 'write CLUSTER/TENANT/BUCKET or CLUSTER/TENANT, as in Hawaii/Cola/bk1'],
  ] as const) {
    test(`${text} is refused`, () => expect(refusal(() => parseServed(text))).toMatchObject({ code: 'USAGE', hint }))
  }

  test('a bucket does not go to a tenant', () => {
    expect(refusal(() => checked({ ...BK1, as: 'Hawaii-r/Cola' })).message).toBe(
      'Hawaii/Cola/bk1 and Hawaii-r/Cola are not of one kind',
    )
  })
})

describe('what a service serves', () => {
  const both = withServed(withServed(NEW, BK1), BK2)

  test('keeps its order; attaching again replaces the options', () => {
    expect(both.served).toEqual([BK1, BK2])
    expect(withServed(both, { ...BK1, pause: true }).served).toEqual([{ ...BK1, pause: true }, BK2])
  })

  test('does not end up in one place', () => {
    expect(refusal(() => withServed(both, { path: 'Hawaii/Cola/bk3', as: 'Hawaii/Cola/bk2', pause: false }))).toEqual({
      code: 'EXISTS',
      message: 'Hawaii/Cola/bk2 is where hawaii has Hawaii/Cola/bk2 already',
      hint: 'efs bucket detach Hawaii/Cola/bk2 hawaii, or name another one with --as',
    })
    expect(withServed(both, { ...BK1, as: 'Hawaii-r/Cola/bk1' }).served).toHaveLength(2)
  })

  test('a directory takes one bucket, which has no other name there', () => {
    const mirror: Service = withValue(NEW, 'X-ISGW-Remote', 'file:///srv/mirror')
    const one = withServed(mirror, BK1)
    expect(refusal(() => withServed(one, BK2))).toMatchObject({
      code: 'EXISTS',
      message: '/srv/mirror is where hawaii has Hawaii/Cola/bk1 already',
    })
    const two = withServed(withServed(NEW, BK1), BK2)
    expect(reattached(two)).toEqual(two)
    expect(refusal(() => reattached(withValue(two, 'X-ISGW-Remote', 'file:///srv/mirror'))).code).toBe('EXISTS')
    expect(refusal(() => withServed(mirror, { ...BK1, as: 'Hawaii-r/Cola/bk1' })).message).toBe(
      '/srv/mirror is a directory and has no buckets',
    )
  })

  test('so does a place in S3', () => {
    const mirror: Service = withValue(NEW, 'X-ISGW-Remote', 's3://photos/2026')
    expect(refusal(() => withServed(withServed(mirror, BK1), BK2))).toEqual({
      code: 'EXISTS',
      message: 's3://photos/2026/ is where hawaii has Hawaii/Cola/bk1 already',
      hint: 'efs bucket detach Hawaii/Cola/bk1 hawaii, or make another service for Hawaii/Cola/bk2',
    })
    expect(refusal(() => withServed(mirror, { ...BK1, as: 'Hawaii-r/Cola/bk1' })).message).toBe(
      's3://photos/2026/ is one place for one bucket',
    )
  })

  test('is found with its options or without, else the nearest is named', () => {
    const paused = withServed(both, { ...BK1, pause: true })
    expect(withoutServed(paused, servedBy(paused, 'Hawaii/Cola/bk1')).served).toEqual([BK2])
    expect(withoutServed(paused, servedBy(paused, 'Hawaii/Cola/bk1,pause')).served).toEqual([BK2])
    expect(refusal(() => servedBy(both, 'Hawai/Cola/bk1'))).toEqual({
      code: 'NOT_FOUND',
      message: 'service hawaii does not serve Hawai/Cola/bk1',
      hint: 'did you mean Hawaii/Cola/bk1?',
    })
    expect(refusal(() => servedBy(NEW, 'x')).hint).toBe('it serves nothing')
  })
})
