import { expect, test } from 'vitest'
import type { BucketPair } from '../../src/app/link/pairs.js'
import { PathErrors } from '../../src/app/link/path-errors.js'
import type { LinkError } from '../../src/model/service.js'

const pair = (here: string): BucketPair => ({ here, there: here, pause: false, served: 'H/C' })

test('of a tenant, a bucket that goes well again does not cover one that fails', () => {
  let told: LinkError | null | undefined
  const errors = new PathErrors(
    {
      set: (_, values) => {
        told = values.lastError
      },
    },
    ['H/C'],
  )
  expect(told).toBe(null)
  const failing = { atMs: 1, message: 'no right', nextTryMs: 5 }
  errors.set(pair('H/C/a'), 'run', failing)
  errors.set(pair('H/C/b'), 'run', { atMs: 2, message: 'it was away', nextTryMs: null })
  expect(told).toBe(failing)
  errors.set(pair('H/C/a'), 'run', { ...failing, nextTryMs: null })
  expect(told).toMatchObject({ message: 'it was away' })
})
