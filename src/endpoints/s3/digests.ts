import { createHash } from 'node:crypto'
import { lacksDigest } from './faults.js'

/**
 * The `Content-MD5` of what is written to a bucket, where it demands one: Amazon does where objects are locked from their beginning. To ask for
 * that takes a right of its own, and some servers answer with something else. So none is made until a write was refused for the lack of it, and
 * from then on one for each. It is MD5 since servers that know no `x-amz-checksum-` refuse those.
 */
export class Digests {
  #isDemanded = false

  /** Writes bytes with their digest where one is demanded; where only that tells it, a second time. */
  async covering<T>(bytes: Uint8Array, write: (md5: string | undefined) => Promise<T>): Promise<T> {
    if (!this.#isDemanded) {
      try {
        return await write(undefined)
      } catch (error) {
        if (!lacksDigest(error)) throw error
        this.#isDemanded = true
      }
    }
    return write(createHash('md5').update(bytes).digest('base64'))
  }
}
