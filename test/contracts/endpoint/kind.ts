import { isDeepStrictEqual } from 'node:util'
import type { Endpoint, Fetcher, Lister, Looker, Reader, Sink } from '../../../src/model/endpoint.js'
import type { Attributes } from '../../../src/model/manifest.js'
import { done, folder, inlineFile } from '../samples.js'
import { contentsOf, plainXattrs, publishOne } from './hands.js'

/** A side that has both roles. */
export type End = Endpoint & { readonly source: Reader | Fetcher; readonly sink: Sink }

/** Somewhere that is empty at first. */
export interface Place {
  /** As one sees it who opens it now; closed when the test ends. */
  open(): Promise<End>
  /** Whoever has it open does not get at it any more. */
  away?(): Promise<void>
}

export interface EndpointKind {
  readonly name: string
  readonly has: readonly Capability[]
  place(): Promise<Place>
}

/** What not every kind can. Each is probed, so that no kind says more or less of itself than is true. */
export const CAPABILITIES = {
  chunks: async ({ source, sink }) => source.kind === 'fetches' && !sink.plain,
  bytes: async ({ source, sink }) => source.kind === 'reads' && sink.plain,
  beside: async (end) => (await publishOne(end, 'a/b')) === 'published' && (await publishOne(end, 'a')) === 'published',
  'long names': async (end) => (await publishOne(end, 'k'.repeat(1024))) === 'published',
  xattrs: (end) => keeps(end, 'xattrs', { xattrs: { 'user.a': Buffer.from('1') } }),
  options: (end) => keeps(end, 'options', { user: { Anything: 'goes' } }),
  'content type': (end) => keeps(end, 'type', { user: { 'Content-Type': 'text/html' } }),
  'folder times': (end) => keeps(end, 'times/', { mode: 0o700, mtimeNs: 5n }),
  looks: async ({ source }) => lookerOf(source) !== undefined,
  digests: async ({ digested }) => digested !== undefined,
  'other side': async (_, { away }) => away !== undefined,
} as const satisfies Record<string, (end: End, place: Place) => Promise<boolean>>

export type Capability = keyof typeof CAPABILITIES

/** One thing that is true of every kind which has what it needs. */
export interface Case {
  readonly name: string
  readonly needs?: Capability
  run(place: Place): Promise<void>
}

const isLooker = (side: Lister): side is Looker => 'look' in side

export const lookerOf = (side: Lister): Looker | undefined => (isLooker(side) ? side : undefined)

async function keeps(end: End, key: string, attributes: Attributes): Promise<boolean> {
  const content = key.endsWith('/') ? folder(attributes) : inlineFile('x', attributes)
  await end.sink.publish([done(key, content)], { overwrite: true })
  await end.sink.finish(onePage([done(key, content)]))
  const back = plainXattrs((await contentsOf(end)).get(key)?.attributes ?? {})
  return Object.entries(attributes).every(([name, value]) => isDeepStrictEqual(back[name as keyof Attributes], value))
}

async function* onePage<T>(page: readonly T[]): AsyncGenerator<readonly T[]> {
  yield page
}
