import { describe, expect, test } from 'vitest'
import { BREAKING } from './breaking.js'
import { CHUNKS } from './chunks.js'
import { CONTENT } from './content.js'
import { CAPABILITIES, type Capability, type EndpointKind } from './kind.js'
import { LISTING } from './listing.js'
import { PUBLISHING } from './publishing.js'

const CASES = [...LISTING, ...CONTENT, ...PUBLISHING, ...CHUNKS, ...BREAKING]
const NAMES = Object.keys(CAPABILITIES) as Capability[]

/** What every endpoint does: all cases but those that need what the kind has not, and a proof that it has not. */
export function endpointContract(kind: EndpointKind): void {
  describe(kind.name, () => {
    test('has what it is said to have, and nothing else', async () => {
      const place = await kind.place()
      const end = await place.open()
      const has: Capability[] = []
      for (const name of NAMES) if (await CAPABILITIES[name](end, place)) has.push(name)
      expect(has).toEqual(NAMES.filter((name) => kind.has.includes(name)))
    })
    for (const { name, needs, run } of CASES) {
      if (needs === undefined || kind.has.includes(needs)) test(name, async () => run(await kind.place()))
    }
  })
}

/** Which case runs for which kind, and what the others lack. */
export function casesTable(kinds: readonly EndpointKind[]): string {
  const lines = CASES.map(({ name, needs }) => {
    const without = kinds.filter(({ has }) => needs !== undefined && !has.includes(needs))
    const told = without.map((kind) => `    not ${kind.name}: it has no ${needs}`)
    return [name, ...told].join('\n')
  })
  return `${lines.join('\n')}\n`
}
