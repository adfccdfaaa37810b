import type { Endpoint } from '../../model/endpoint.js'
import { noPages } from '../../transfer/merge-join.js'
import { storingOf } from '../buckets.js'

const UNMADE = 'objects:unmade:'

/** Whether a plan was made for what was not there: it is as good for what is made then, as long as that is empty. */
export const isUnmade = (identity: string): boolean => identity.startsWith(UNMADE)

/** A bucket of a segment in S3 that a run would make, for a plan: nothing is in it, and nothing can be put. */
export function unmadeBucket(label: string): Endpoint {
  const never = async (): Promise<never> => {
    throw new Error('a plan writes nothing')
  }
  return {
    label,
    identity: UNMADE + label,
    sink: {
      plain: false,
      ...storingOf({}),
      list: noPages,
      missing: async (refs) => [...refs],
      put: never,
      publish: never,
      finish: never,
    },
    close: async () => undefined,
  }
}
