import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import type { NameKind } from '../../src/model/name-space.js'
import { kindOfName, lastPart, lineOf, parentOf, parseName } from '../../src/model/names.js'

const part = fc.stringMatching(/^[a-zA-Z0-9_:@-][a-zA-Z0-9._:@-]{0,20}$/)

describe('parseName', () => {
  test('takes exactly as many parts as the level has', () => {
    fc.assert(
      fc.property(fc.array(part, { minLength: 1, maxLength: 5 }), (parts) => {
        const text = parts.join('/')
        for (const [depth, kind] of (['cluster', 'tenant', 'bucket'] as const).entries()) {
          if (parts.length === depth + 1) expect(parseName(kind, text)).toBe(text)
          else expect(() => parseName(kind, text)).toThrow(`not the name of a ${kind}`)
        }
      }),
    )
  })

  const refused: readonly [NameKind, string, string][] = [
    ['cluster', '', 'a part of it is empty'],
    ['bucket', 'Hawaii//bk1', 'a part of it is empty'],
    ['bucket', '/Hawaii/Cola', 'a part of it is empty'],
    ['tenant', 'Hawaii/', 'a part of it is empty'],
    ['cluster', 'Ha waii', 'a space'],
    ['cluster', 'Hawaii\n', 'a space'],
    ['cluster', 'Ha\0waii', 'a space'],
    ['tenant', 'Hawaii/..', "'..'"],
    ['cluster', '.', "'.'"],
    ['cluster', '\uD800', 'UTF-8'],
    ['cluster', 'a\uFFFDb', 'UTF-8'],
    ['cluster', 'é'.repeat(LIMITS.nameBytesMax / 2 + 1), 'longer than'],
    ['bucket', 'Hawaii/Cola', 'write CLUSTER/TENANT/BUCKET'],
  ]
  for (const [kind, text, why] of refused) {
    test(`refuses ${JSON.stringify(text.slice(0, 20))} for a ${kind}`, () => {
      const { code, message, hint } = failureOf(() => parseName(kind, text))
      expect(code).toBe('USAGE')
      expect(`${message} ${hint}`).toContain(why)
      expect(`${message} ${hint}`).not.toMatch(/[\n\0]/)
    })
  }

  test('takes the longest part that is allowed, and letters of any script', () => {
    expect(parseName('cluster', 'a'.repeat(LIMITS.nameBytesMax))).toHaveLength(LIMITS.nameBytesMax)
    expect(parseName('tenant', 'Ελλάδα/コーラ')).toBe('Ελλάδα/コーラ')
  })
})

test('the line of a path leads from its cluster to itself', () => {
  fc.assert(
    fc.property(fc.array(part, { minLength: 1, maxLength: 3 }), (parts) => {
      const path = parts.join('/')
      const line = lineOf(path)
      expect(line).toHaveLength(parts.length)
      expect(line.at(-1)).toBe(path)
      expect(line.slice(1).map(parentOf)).toEqual(line.slice(0, -1))
      expect(line.map(lastPart)).toEqual(parts)
      expect(line.map(kindOfName)).toEqual(['cluster', 'tenant', 'bucket'].slice(0, parts.length))
    }),
  )
})

function failureOf(work: () => unknown): EfsError {
  try {
    work()
  } catch (error) {
    if (error instanceof EfsError) return error
  }
  throw new Error('nothing was refused')
}
