import fc from 'fast-check'
import type { Named } from '../../src/model/name-space.js'
import { DELETE_AFTER } from '../../src/model/retention.js'
import type { Settings } from '../../src/model/settings.js'
import { anyBucket } from './samples.js'
import { type Step, step } from './step.js'

/** Without what is random. */
const plain = ({ uid: _, ...rest }: Named): Omit<Named, 'uid'> => rest

export const create: fc.Arbitrary<Step> = anyBucket.map((bucket) =>
  step(`create ${bucket}`, async (model, world) => {
    const outcome = await world.both(async ({ names }) => plain(await names.create(bucket, {})))
    if ('value' in outcome) model.create(bucket)
  }),
)

export const configure: fc.Arbitrary<Step> = fc
  .record({
    bucket: anyBucket,
    chunkSize: fc.constantFrom(8192, 65_536),
    numberOfVersions: fc.constantFrom(1, 2, 3, 10),
    quotaCount: fc.option(fc.constantFrom(1, 2), { nil: undefined, freq: 4 }),
    options: fc.constantFrom({}, { [DELETE_AFTER]: '1' }),
  })
  .map(({ bucket, quotaCount, ...rest }) => {
    const settings: Settings = { ...rest, ...(quotaCount !== undefined && { quotaCount }) }
    return step(`set ${bucket} to ${JSON.stringify(settings)}`, async (model, world) => {
      const outcome = await world.both(async ({ names }) => plain(await names.set(bucket, () => settings)))
      if ('value' in outcome) model.set(bucket, settings)
    })
  })

export const drop: fc.Arbitrary<Step> = anyBucket.map((bucket) =>
  step(`drop ${bucket}`, async (model, world) => {
    const outcome = await world.both(({ names }) => names.drop(bucket))
    if ('value' in outcome) model.drop(bucket)
  }),
)
