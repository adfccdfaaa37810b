import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { applyPlan } from '../../src/app/plan/apply.js'
import { makePlan } from '../../src/app/plan/make.js'
import { keepSpeed } from '../../src/app/runs/speeds.js'
import { withSides } from '../../src/app/sync/sides.js'
import type { SyncSummary } from '../../src/app/sync/sync.js'
import { newStats } from '../../src/app/watch.js'
import { JsonList } from '../../src/cli/json-list.js'
import { stepText } from '../../src/cli/text/plan.js'
import type { PlannedStep } from '../../src/model/plan.js'
import { makeHome } from '../store/homes.js'
import { A, type Asked, B, never, Site } from './site.js'

/** The steps as people read them; the document is in `plan.json`. */
const plan = async (...asked: Parameters<typeof planned>): Promise<string[]> => (await planned(...asked)).steps

async function planned(site: Site, from: string, to: string, asked?: Asked) {
  let text = ''
  const list = new JsonList(async (part) => {
    text += part
  })
  const steps: PlannedStep[] = []
  const end = await makePlan(site.app, site.request(from, to, asked), never(), {
    head: async (head) => {
      list.begin(head, 'steps')
    },
    steps: async (page) => {
      await list.add(page)
      steps.push(...page)
    },
  })
  await list.end(end)
  writeFileSync(site.at('plan.json'), text)
  expect(end.summary.steps).toBe(steps.length)
  return { steps: steps.map((step) => stepText(step).trimEnd()), estimate: end.summary.estimate }
}

async function apply(site: Site): Promise<{ readonly moved: string[]; readonly done: Promise<SyncSummary> }> {
  const moved: string[] = []
  const watch = { stats: newStats(), settled: () => undefined, signal: never() }
  const done = applyPlan(site.app, { file: site.at('plan.json') }, watch, async ({ key, what }) => {
    moved.push(`${key}: ${what}`)
  })
  await done.catch(() => undefined)
  return { moved, done }
}

const refused = expect.objectContaining({ code: 'CONFLICT', exit: 5 })

test('a plan that is applied leaves nothing to do, from a directory to a bucket, on to another and out again', async () => {
  const site = await Site.begin()
  site.write(['in/a', 'aaa'], ['in/d/b', 'b'], ['out/old/x', 'x'], ['in/skip.tmp', 'no'])
  const routes = [
    [site.at('in'), A, ['put <=3 a', 'put 0 d/', 'put <=1 d/b']],
    [A, B, ['put 3 a', 'put 0 d/', 'put 1 d/b']],
    [B, site.at('out'), ['put 3 a', 'put 0 d/', 'put 1 d/b', 'delete 1 old/x', 'delete 0 old/']],
  ] as const
  const how = { deletes: true, filter: { rules: [{ keep: false, pattern: '*.tmp' }] } }
  for (const [from, to, steps] of routes) {
    expect(await plan(site, from, to, how)).toEqual(steps)
    const { moved, done } = await apply(site)
    expect(moved).toEqual([])
    expect((await done).parked).toEqual([])
    expect(await plan(site, from, to, how)).toEqual([])
  }
})

test('what a bucket here has already moves nothing; of a tree that it lacks it is at most so much', async () => {
  const site = await Site.begin()
  site.write(['in/large', Array.from({ length: 200_000 }, (_, i) => i).join()])
  await site.sync(site.at('in'), A)
  expect(await plan(site, A, B)).toEqual(['put 0 large'])
  await makeHome(site.at('two'))
  const other = `segment:${site.at('two')}#${A}`
  expect(await plan(site, A, other)).toEqual(['put <=1288889 large'])
  await (await apply(site)).done
  expect(await plan(site, A, other)).toEqual([])
})

test('the time goes by the last run between the two sides, else by reading', async () => {
  const site = await Site.begin()
  site.write(['in/a', 'aaa'])
  await site.sync(site.at('in'), A)
  site.write(['out/x', ''])
  const out = site.at('out')
  expect((await planned(site, site.at('in'), A)).estimate).toBeNull()
  expect((await planned(site, A, out)).estimate).toMatchObject({ by: 'reading', run: null })
  expect((await planned(site, out, A)).estimate).toMatchObject({ by: 'reading' })
  const stats = newStats()
  stats.add('objectsPublished', 4000)
  const opened = { from: out, to: A, access: 'read', stats, signal: never() } as const
  await withSides(site.app, opened, (sides) => keepSpeed(sides, stats.read(), { seconds: 4_000_000, run: 3 }))
  expect((await planned(site, out, A)).estimate).toEqual({ seconds: 1000, by: 'run', run: 3 })
  expect((await planned(site, A, out)).estimate).toMatchObject({ by: 'reading' })
})

test('where a side has moved on each difference is named and nothing is written', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/b', '1'], ['in/c', '1'], ['more/x', '1'])
  await plan(site, site.at('in'), A)
  site.write(['in/a', '22'], ['in/new', '1'])
  rmSync(site.at('in/b'))
  const first = await apply(site)
  await expect(first.done).rejects.toEqual(refused)
  expect(first.moved).toEqual([
    expect.stringMatching(/^a: SRC had a file of 1 byte, and has a file of 2 bytes$/),
    'b: there is nothing to put any more',
    'new: the plan does not put it',
  ])
  expect(await site.keys(A)).toEqual([])

  await plan(site, site.at('in'), A)
  await site.sync(site.at('more'), A)
  site.write(['more/a', 'theirs'])
  await site.sync(site.at('more'), A)
  const second = await apply(site)
  await expect(second.done).rejects.toEqual(refused)
  expect(second.moved).toEqual([expect.stringMatching(/^a: DST had nothing, and has version [0-9a-f]{64}$/)])
})

test('a plan into a folder that is not there yet is made and applied; the plan itself makes nothing', async () => {
  const site = await Site.begin()
  site.write(['in/a/b', 'content'])
  await site.sync(site.at('in'), A)
  const out = site.at('out')
  expect(await plan(site, A, out)).toEqual(['put 0 a/', 'put 7 a/b'])
  expect(existsSync(out)).toBe(false)
  const { moved, done } = await apply(site)
  await done
  expect(moved).toEqual([])
  expect(readFileSync(path.join(out, 'a/b'), 'utf8')).toBe('content')
  await expect(plan(site, A, site.at('no/such/parent'))).rejects.toMatchObject({ code: 'NOT_FOUND' })
  await expect(plan(site, out, A)).resolves.toEqual([])
  await expect(plan(site, site.at('missing'), A)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

test('a plan for a bucket that was made anew under its name is refused', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'])
  await plan(site, site.at('in'), A)
  const file = site.at('plan.json')
  writeFileSync(
    file,
    readFileSync(file, 'utf8').replace(/("to":\{"address":"[^"]*","identity":")[^"]*/, '$1segment:another'),
  )
  await expect((await apply(site)).done).rejects.toEqual(refused)
})

test('a conflict is a step over what the source never knew', async () => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/same', '1'], ['other/a', '1'])
  await site.sync(site.at('in'), A)
  await site.sync(A, B)
  site.write(['other/a', 'changed at the sink'])
  await site.sync(site.at('other'), A)
  expect(await plan(site, B, A)).toEqual(['conflict 1 a: DST has a later version'])
  site.write(['in/a', 'changed here too'])
  expect(await plan(site, site.at('in'), A)).toEqual(['conflict <=16 a: DST has changed since both sides last agreed'])
  expect((await (await apply(site)).done).counts.objectsPublished).toBe(1)
})

test.each<[string, (text: string) => string]>([
  ['cut off', (text) => text.slice(0, -40)],
  ['a step less', (text) => text.replace(/\{"do":"put","key":"a"[^}]*\},?/, '')],
  ['something else', () => '{"efsPlan":1}'],
  ['no step', (text) => text.replace('"do":"put"', '"do":"burn"')],
])('what is no plan is refused: %s', async (_, spoil) => {
  const site = await Site.begin()
  site.write(['in/a', '1'], ['in/b', '1'])
  await plan(site, site.at('in'), A)
  writeFileSync(site.at('plan.json'), spoil(readFileSync(site.at('plan.json'), 'utf8')))
  await expect((await apply(site)).done).rejects.toMatchObject({ code: 'USAGE' })
  expect(await site.keys(A)).toEqual([])
})
