/**
 * The candidate that a typing slip most likely meant: at most a third of its letters differ. The folders that both are in are not
 * counted: a long path does not make all that is in it alike.
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Number.POSITIVE_INFINITY
  for (const candidate of candidates) {
    const [a, b] = apart(word.toLowerCase(), candidate.toLowerCase())
    const distance = editDistance(a, b)
    if (distance < least && distance * 3 <= Math.max(a.length, b.length)) {
      best = candidate
      least = distance
    }
  }
  return best
}

function apart(a: string, b: string): readonly [string, string] {
  let from = 0
  for (let at = 0; at < a.length && a[at] === b[at]; at++) if (a[at] === '/') from = at + 1
  return [a.slice(from), b.slice(from)]
}

/** How many slips are between two words: a letter more, less or another one, or two neighbours that changed places. */
function editDistance(a: string, b: string): number {
  let above: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const substituted = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      const swapped = isSwapped ? (above[j - 2] ?? 0) + 1 : Number.POSITIVE_INFINITY
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, substituted, swapped))
    }
    above = row
    row = next
  }
  return row[b.length] ?? 0
}
