import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'

/** Whether a key is meant. */
export type Glob = (key: string) => boolean

const TOKEN = /(?<![^/])\*\*\/|\*\*|\*|\?|[^*?]/gsu

/**
 * `?` is one character but `/`, `*` any number of those, `**` any number of any; `**` as a whole part stands for any number of parts,
 * none too. All else is itself. A pattern without `/` is held against the last part of a key, any other one against the whole key.
 * @throws USAGE for a pattern that is empty or too long
 */
export function parseGlob(pattern: string): Glob {
  if (pattern === '' || Buffer.byteLength(pattern) > LIMITS.keyBytesMax) {
    throw new EfsError('USAGE', `a pattern has 1 to ${LIMITS.keyBytesMax} bytes`, {
      hint: "write '*.jpg', or '2019/**' for all below 2019/",
    })
  }
  const tokens = pattern.match(TOKEN) ?? []
  const isOfName = !pattern.includes('/')
  return (key) => matches(tokens, isOfName ? nameOf(key) : key)
}

/** The last part; of a folder's key too. */
function nameOf(key: string): string {
  const whole = key.endsWith('/') ? key.slice(0, -1) : key
  return whole.slice(whole.lastIndexOf('/') + 1)
}

/** All places in the pattern are followed at once, so that no pattern takes longer than its length times the key's. */
function matches(tokens: readonly string[], text: string): boolean {
  let at = passed(tokens, new Set([0]), true)
  for (const sign of text) {
    const next = new Set<number>()
    for (const place of at) {
      const token = tokens[place]
      if (token === '**' || token === '**/' || (token === '*' && sign !== '/')) next.add(place)
      else if (token === sign || (token === '?' && sign !== '/')) next.add(place + 1)
    }
    at = passed(tokens, next, sign === '/')
  }
  return at.has(tokens.length)
}

/** With the places behind what may stand for nothing, or for nothing more. */
function passed(tokens: readonly string[], places: Set<number>, isAtPart: boolean): Set<number> {
  // What is added while it is gone through is gone through too.
  for (const place of places) {
    const token = tokens[place]
    if (token === '*' || token === '**' || (token === '**/' && isAtPart)) places.add(place + 1)
  }
  return places
}
