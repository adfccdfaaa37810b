import fc from 'fast-check'
import { expect, test } from 'vitest'
import { PlanScan } from '../../src/app/plan/scan.js'
import { LIMITS } from '../../src/base/limits.js'

test('steps are the same however a plan is laid out and cut into pieces', () => {
  const text = fc.constantFrom('a', '"steps":[', '{}]', '\\', '"', 'ü😀')
  const steps = fc.array(
    fc.dictionary(text, fc.oneof(text, fc.array(text, { maxLength: 2 }), fc.record({ x: text }))),
    { maxLength: 5 },
  )
  fc.assert(
    fc.property(
      fc.record({ a: text, steps, z: text }),
      fc.constantFrom(undefined, 1, '\t'),
      fc.integer({ min: 1, max: 9 }),
      (plan, indent, size) => {
        const whole = JSON.stringify({ o: { list: [plan.a] }, ...plan }, null, indent)
        const scan = new PlanScan()
        const found: unknown[] = []
        for (let at = 0; at < whole.length; at += size) found.push(...scan.feed(whole.slice(at, at + size)))
        scan.end()
        expect(found).toEqual(plan.steps)
        expect(scan.head).toMatchObject({ a: plan.a, o: { list: [plan.a] } })
        expect(scan.tail).toMatchObject({ z: plan.z })
      },
    ),
  )
})

test('no more than a step is held, and none that is too large', () => {
  const scan = new PlanScan()
  scan.feed('{"steps":[')
  expect(() => scan.feed(`{"a":"${'x'.repeat(LIMITS.planStepCharsMax)}`)).toThrow(
    expect.objectContaining({ code: 'USAGE' }),
  )
})
