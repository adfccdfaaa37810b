/** Part of the cutting rule: another seed would cut every file elsewhere and find nothing known. "efs" in ASCII, then 1. */
const SEED = 0x65667301

/**
 * The Gear table: 256 numbers of 32 bits, each the finalizer of MurmurHash3 over the seed plus a multiple of the golden
 * ratio. Every efs has the same.
 */
export const GEAR: Int32Array = Int32Array.from({ length: 256 }, (_, index) => {
  let x = (SEED + Math.imul(index + 1, 0x9e3779b9)) | 0
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
})

/** The same, shifted by one: two bytes are taken in one step. */
export const GEAR_TWICE: Int32Array = GEAR.map((x) => x << 1)
