import { LIMITS } from '../base/limits.js'
import type { Wanted } from '../model/endpoint.js'

/** Groups what fits into one parcel; an object that does not is alone. */
export async function* batches(wanted: AsyncIterable<readonly Wanted[]>): AsyncGenerator<readonly Wanted[]> {
  let batch: Wanted[] = []
  let bytes = 0
  for await (const page of wanted) {
    for (const one of page) {
      const full = batch.length >= LIMITS.parcelObjectsMax || bytes + one.here.size > LIMITS.parcelBytesMax
      if (full && batch.length > 0) {
        yield batch
        batch = []
        bytes = 0
      }
      batch.push(one)
      bytes += one.here.size
    }
  }
  if (batch.length > 0) yield batch
}
