import { LIMITS } from '../base/limits.js'

/** How content is cut. `bytes` is the size (fixed) or the average (fastcdc); a power of two. */
export interface Chunking {
  readonly kind: 'fastcdc' | 'fixed'
  readonly bytes: number
}

/** Whether content can be cut so. */
export const isChunkSize = (bytes: number): boolean =>
  Number.isInteger(Math.log2(bytes)) && bytes >= LIMITS.chunkBytesLeast && bytes <= LIMITS.chunkBytesMost

/** How a bucket takes new content in. */
export interface Storing {
  readonly chunking: Chunking
  readonly compress: boolean
}

/**
 * What is set on a cluster, tenant or bucket; absent means inherited. Field names are the old tool's flags in
 * camel case; `options` are its `-o k=v` pairs.
 */
export interface Settings {
  readonly chunkSize?: number
  readonly numberOfVersions?: number
  readonly replicationCount?: number
  readonly syncPut?: number
  readonly selectPolicy?: 'latency' | 'capacity'
  readonly ecDataMode?: string
  readonly ecTriggerPolicyTimeout?: number
  readonly fileObjectTransparency?: 0 | 1
  readonly quota?: number
  readonly quotaCount?: number
  readonly options?: Readonly<Record<string, string>>
}

export const NUMBER_OF_VERSIONS_DEFAULT = 10

/** What holds where nothing is set. */
export const SETTINGS_DEFAULT = {
  chunkSize: LIMITS.chunkBytesDefault,
  numberOfVersions: NUMBER_OF_VERSIONS_DEFAULT,
} as const satisfies Settings

/** What holds at the end of a chain from cluster to bucket: the nearest value, option by option. */
export function inherited(chain: readonly Settings[]): Settings {
  const options = Object.assign({}, ...chain.map((settings) => settings.options ?? {}))
  return Object.assign({}, ...chain, Object.keys(options).length > 0 ? { options } : {})
}
