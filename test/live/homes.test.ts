import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Act, anyAct, anySite, both, expectSame, perform } from './acts.js'
import { HomeSite, type SetBackBy } from './home-site.js'
import { ringFallsSilent } from './ring.js'
import { settle, started } from './site.js'

type HomeAct =
  | Act
  | { readonly kind: 'restart'; readonly site: number }
  | { readonly kind: 'keep'; readonly site: number }
  | { readonly kind: 'setBack'; readonly site: number; readonly by: SetBackBy }

const anyHomeAct: fc.Arbitrary<HomeAct> = fc.oneof(
  { weight: 12, arbitrary: anyAct },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const), site: anySite }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keep' as const), site: anySite }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('setBack' as const),
      site: anySite,
      by: fc.constantFrom<SetBackBy>('copy', 'rsync', 'disk'),
    }),
  },
)

async function performAt(act: HomeAct, homes: readonly [HomeSite, HomeSite]): Promise<void> {
  switch (act.kind) {
    case 'restart':
      return homes[act.site]?.restart()
    case 'keep':
      return homes[act.site]?.keep()
    case 'setBack':
      return homes[act.site]?.setBack(act.by)
    default:
      return perform(
        act,
        homes.map(({ site }) => site),
      )
  }
}

async function withHomes(use: (homes: readonly [HomeSite, HomeSite]) => Promise<void>): Promise<void> {
  const homes = [await HomeSite.make(), await HomeSite.make()] as const
  try {
    await use(homes)
  } finally {
    for (const home of homes) await home.close()
  }
}

/** More by hand, after a change to the store or to flows. */
const RUNS = Number(process.env.EFS_TEST_LIVE ?? 8)

test('two homes that are closed, opened and set back are the same in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyHomeAct, { maxLength: 16, size: 'max' }), (acts) =>
      withHomes(async (homes) => {
        for (const act of acts) await performAt(act, homes)
        await settle(await started(both(homes[0].site, homes[1].site)), true)
        await expectSame(homes[0].site, homes[1].site)
      }),
    ),
    { numRuns: RUNS },
  )
})

test.each<SetBackBy>(['copy', 'rsync', 'disk'])(
  'what a home wrote and lost when it was set back (%s) comes back to it',
  (by) =>
    withHomes(async (homes) => {
      const [a, b] = homes
      await settle(await started(both(a.site, b.site)))
      await a.site.write('before', 'it was kept')
      await settle(await started(both(a.site, b.site)))
      await a.keep()
      await a.site.write('after', 'what a home loses')
      await b.site.write('there', 'what the other wrote')
      await settle(await started(both(a.site, b.site)))
      const versions = await b.site.versions()
      await a.setBack(by)
      expect(await a.site.heads()).toEqual(['before'])
      await a.site.write('anew', 'written after it was set back')
      await settle(await started(both(a.site, b.site)))
      await expectSame(a.site, b.site)
      expect(await a.site.versions()).toMatchObject(versions)
    }),
)

test('one writer in a ring of three homes, all at once', () =>
  withHomes(([a, b]) => withHomes(([c]) => ringFallsSilent([a.site, b.site, c.site], true))))
