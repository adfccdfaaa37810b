import { compress, decompress } from '@cloudpss/zstd'

const LEVEL = 1
/** Compressed bytes are kept when they save at least one part in this many; less is not worth inflating for. */
const LEAST_SAVING = 16

/** The zstd form of the bytes, or undefined where it does not pay. */
export function compressed(bytes: Uint8Array): Uint8Array | undefined {
  const small = compress(bytes, LEVEL)
  return small.length <= bytes.length - bytes.length / LEAST_SAVING ? small : undefined
}

/** Throws when the bytes are not a zstd frame. The caller has checked the declared size against a limit. */
export const decompressed = (bytes: Uint8Array): Uint8Array => decompress(bytes)
