import { expect, test } from 'vitest'
import type { ChunkId } from '../../src/model/ids.js'
import { objectKey } from '../../src/model/key.js'
import type { PlannedStep } from '../../src/model/plan.js'
import type { Step } from '../../src/model/transfer.js'
import type { VersionRef } from '../../src/model/version-ref.js'
import { agreedSteps } from '../../src/transfer/agreed.js'
import { plannedStep } from '../../src/transfer/planned.js'
import type { Phase } from '../../src/transfer/transfer.js'

const row = (key: string, size: number): VersionRef => ({
  key: objectKey(key),
  kind: key.endsWith('/') ? 'folder' : 'file',
  size,
  mtimeNs: 1n,
})
const copy = (key: string, size = 1) => ({ kind: 'copy', key: objectKey(key), here: row(key, size) }) as const
const gone = (key: string) => ({ kind: 'delete', key: objectKey(key), there: row(key, 1) }) as const
const keep: Step = { kind: 'keep', key: objectKey('k'), why: 'same' }
/** A folder that only gets another time. */
const dressed: Step = { ...copy('d/'), there: row('d/', 0) }

const PLANNED = [copy('a'), gone('b'), copy('c'), gone('e')].map((step) => plannedStep(step, false, undefined))

async function* inPages<T>(rows: readonly T[], size: number): AsyncGenerator<readonly T[]> {
  for (let at = 0; at < rows.length; at += size) yield rows.slice(at, at + size)
}

async function passed(
  phase: Phase,
  steps: readonly Step[],
  planned: readonly PlannedStep[] = PLANNED,
): Promise<number> {
  let count = 0
  for await (const page of agreedSteps(phase, inPages(steps, 2), inPages(planned, 3))) count += page.length
  return count
}

test('steps of a phase that are those of the plan pass, whatever is left of the other phase', async () => {
  expect(await passed('copy', [copy('a'), dressed, keep, copy('c')])).toBe(4)
  expect(await passed('copy', [copy('a'), gone('x'), copy('c')])).toBe(3)
  expect(await passed('delete', [gone('b'), copy('x'), gone('e')])).toBe(3)
})

test.each<[string, Phase, readonly Step[]]>([
  ['another state', 'copy', [copy('a', 2), copy('c')]],
  ['one that is new', 'copy', [copy('a'), copy('b'), copy('c')]],
  ['one at the end', 'copy', [copy('a'), copy('c'), copy('z')]],
  ['one that is missing', 'copy', [copy('a')]],
  ['another delete', 'delete', [gone('b'), gone('d')]],
])('a step that is not agreed stops the run: %s', async (_, phase, steps) => {
  await expect(passed(phase, steps)).rejects.toMatchObject({ code: 'CONFLICT' })
})

test('what a plain sink is given is all that it moves, unless the sink may have some of it in another state', () => {
  const step = copy('a')
  const thereRoot = { ref: { id: '7'.repeat(64) as ChunkId, size: 500, node: true }, depth: 1 }
  expect(plannedStep(step, true, undefined).atMost).toBe(false)
  expect(plannedStep({ ...step, thereRoot }, true, undefined).atMost).toBe(true)
})
