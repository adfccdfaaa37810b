/** How content is cut. `bytes` is the size (fixed) or the average (fastcdc); a power of two. */
export interface Chunking {
  readonly kind: 'fastcdc' | 'fixed'
  readonly bytes: number
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
