import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Service } from '../../src/model/service.js'
import { parseService, serviceDocument } from '../../src/service/document.js'
import { withServed } from '../../src/service/served.js'
import { newService } from '../../src/service/service.js'
import { refusal } from './refusal.js'

const SERVICE: Service = withServed(
  newService('isgw', 'hawaii', {
    'X-ISGW-Remote': 'ccow://10.100.194.238:14000',
    'X-ISGW-Direction': 'send',
    'X-ISGW-Basic-Auth': '********',
  }),
  { path: 'Hawaii/Cola/bk1', as: 'Hawaii-r/Cola/bk1', pause: false },
)

test('the text of a service is that of docs/format-index.md', () => {
  const page = readFileSync('docs/format-index.md', 'utf8')
  const example = page.split('```json\n')[1]?.split('```')[0]
  expect(serviceDocument(SERVICE)).toBe(example)
  expect(parseService('hawaii', example ?? '')).toEqual(SERVICE)
})

test('what is written is read again as it was', () => {
  const part = fc.stringMatching(/^[a-z]{1,5}$/)
  const served = fc.record({ path: fc.tuple(part, part, part).map((parts) => parts.join('/')), pause: fc.boolean() })
  const values = fc.record(
    {
      'X-Description': fc.stringMatching(/^[ -~]{2,40}$/),
      'X-ISGW-Direction': fc.constantFrom('send', '2', 'both'),
      'X-ISGW-Local': fc.ipV6().map((host) => `[${host}]:14000`),
      'X-ISGW-Processing-Delay': fc.integer({ min: 0, max: 3_600_000 }).map(String),
    },
    { requiredKeys: [] },
  )
  fc.assert(
    fc.property(values, fc.array(served), (keys, paths) => {
      const service = paths.reduce(withServed, newService('isgw', 'hawaii', { ...keys }))
      expect(parseService('hawaii', serviceDocument(service))).toEqual(service)
    }),
  )
})

const fields = { format: 1, name: 'hawaii', type: 'isgw', set: {}, served: [] }
const bk1 = { path: 'Hawaii/Cola/bk1', pause: false }

for (const [what, damaged] of Object.entries({
  'not JSON': '{"format":1',
  'no object': '[]',
  'no format': { ...fields, format: undefined },
  'another name': { ...fields, name: 'hawaii-r' },
  'an unknown type': { ...fields, type: 'nfs' },
  'an unknown field': { ...fields, more: 1 },
  'an unknown key': { ...fields, set: { 'X-ISGW-Colour': 'red' } },
  'a value that is none': { ...fields, set: { 'X-ISGW-Direction': '4' } },
  'a value in another form': { ...fields, set: { 'X-ISGW-Direction': 'send' } },
  'a value that is not kept': { ...fields, set: { 'X-Status': 'disabled' } },
  'a number for a text': { ...fields, set: { 'X-ISGW-Direction': 1 } },
  'a secret': { ...fields, set: { 'X-ISGW-Basic-Auth': 'test123:test123' } },
  'no list': { ...fields, served: {} },
  'a path that is none': { ...fields, served: [{ ...bk1, path: 'Hawaii' }] },
  'a path twice': { ...fields, served: [bk1, bk1] },
  'a path with more': { ...fields, served: [{ ...bk1, more: 1 }] },
  'no pause': { ...fields, served: [{ path: bk1.path }] },
})) {
  test(`damage: ${what}`, () => {
    const text = typeof damaged === 'string' ? damaged : JSON.stringify(damaged)
    const { code, message } = refusal(() => parseService('hawaii', text))
    expect({ code, message }).toEqual({
      code: 'CORRUPT',
      message: 'the definition of service hawaii is damaged (services/hawaii.json)',
    })
  })
}

test('a newer format is not damage', () => {
  const text = JSON.stringify({ format: 2, anything: 'else' })
  expect(refusal(() => parseService('hawaii', text))).toEqual({
    code: 'NEWER_FORMAT',
    message: 'service hawaii has format 2, this efs knows up to 1',
    hint: 'use a newer efs',
  })
})
