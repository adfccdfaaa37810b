type Zstd = typeof import('@cloudpss/zstd/wasm')

let loaded: Zstd | undefined

/**
 * Makes what is below work. Who opens something that has content awaits it first. It is not loaded with this file, since that
 * takes a tenth of the time of a short command.
 */
export async function loadCompression(): Promise<void> {
  loaded ??= await import('@cloudpss/zstd/wasm')
}

function zstd(): Zstd {
  if (loaded === undefined) throw new Error('compression was not loaded')
  return loaded
}

/** The fastest that still finds repetitions well: three times as fast as level 1 on small files, and a sixth larger on text. */
const LEVEL = -1
/** Compressed bytes are kept when they save at least one part in this many; less is not worth inflating for. */
const LEAST_SAVING = 16
const SAMPLES = 4
const SAMPLE_BYTES = 256
/**
 * How much likelier than in noise two sampled bytes must be equal. Packed media stay below it, everything with a
 * vocabulary is far above, and telling costs a hundredth of compressing.
 */
const LEAST_LIKENESS = 1.15

/** The zstd form of the bytes, or undefined where it does not pay. Ask `looksLikeNoise` first: trying costs more. */
export function compressed(bytes: Uint8Array): Uint8Array | undefined {
  const small = zstd().compress(bytes, LEVEL)
  return small.length <= bytes.length - bytes.length / LEAST_SAVING ? small : undefined
}

const counts = new Uint32Array(256)

/** Whether pieces from the whole length use all byte values alike: the index of coincidence against that of noise. */
export function looksLikeNoise(bytes: Uint8Array): boolean {
  counts.fill(0)
  const pieces = bytes.length <= SAMPLES * SAMPLE_BYTES ? 1 : SAMPLES
  const length = pieces === 1 ? bytes.length : SAMPLE_BYTES
  const step = pieces === 1 ? 0 : Math.floor((bytes.length - length) / (pieces - 1))
  for (let piece = 0; piece < pieces; piece++) {
    const end = piece * step + length
    for (let at = piece * step; at < end; at++) {
      const byte = bytes[at] as number
      counts[byte] = (counts[byte] as number) + 1
    }
  }
  const total = pieces * length
  let pairs = 0
  for (const count of counts) pairs += count * (count - 1)
  return pairs * counts.length < total * (total - 1) * LEAST_LIKENESS
}

/**
 * Throws when the bytes are not one zstd frame of that many plain bytes, before anything is allocated for them: a few bytes
 * can claim a gigabyte. The caller has checked `size` against a limit.
 */
export function decompressed(bytes: Uint8Array, size: number): Uint8Array {
  if (declaredSize(bytes) !== size) throw new RangeError('not one zstd frame of that size')
  return zstd().decompress(bytes)
}

const MAGIC = 0xfd2fb528
const SIZE_BYTES = [0, 2, 4, 8] as const
const DICTIONARY_BYTES = [0, 1, 2, 4] as const
const BLOCK = { rle: 1, reserved: 3 } as const

/** The plain size that a zstd frame declares; undefined where it declares none, or is not all of the bytes (RFC 8878, 3.1.1). */
function declaredSize(bytes: Uint8Array): number | undefined {
  const view = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (view.length < 6 || view.readUInt32LE(0) !== MAGIC) return undefined
  const flags = view.readUInt8(4)
  const isSingle = (flags & 0x20) !== 0
  const sizeBytes = SIZE_BYTES[flags >>> 6] || (isSingle ? 1 : 0)
  const at = 5 + (isSingle ? 0 : 1) + (DICTIONARY_BYTES[flags & 3] ?? 0)
  if (sizeBytes === 0 || view.length < at + sizeBytes) return undefined
  const size = sizeBytes === 8 ? Number(view.readBigUInt64LE(at)) : view.readUIntLE(at, sizeBytes)
  const end = endOfBlocks(view, at + sizeBytes)
  const checksumBytes = flags & 4
  if (end === undefined || end + checksumBytes !== view.length) return undefined
  return sizeBytes === 2 ? size + 256 : size
}

function endOfBlocks(view: Buffer, start: number): number | undefined {
  for (let at = start; at + 3 <= view.length; ) {
    const head = view.readUIntLE(at, 3)
    const type = (head >>> 1) & 3
    if (type === BLOCK.reserved) return undefined
    at += 3 + (type === BLOCK.rle ? 1 : head >>> 3)
    if (head & 1) return at
  }
  return undefined
}
