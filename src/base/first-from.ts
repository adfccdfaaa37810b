/** The index of the first that `isBeyond`, where all after it are too; the length where none is. */
export function firstFrom<T>(sorted: readonly T[], isBeyond: (one: T) => boolean): number {
  let [low, high] = [0, sorted.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (isBeyond(sorted[middle] as T)) high = middle
    else low = middle + 1
  }
  return low
}
