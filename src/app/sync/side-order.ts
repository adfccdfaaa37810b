import path from 'node:path'
import type { Address } from '../../model/address.js'
import type { App } from '../app.js'
import { askS3 } from '../s3/s3.js'

/** What is done with a side. */
export type Need = 'read' | 'write' | 'list'

/** A side that is not open. */
export interface Closed {
  readonly address: Address
  readonly need: Need
}

/**
 * What is known at once is opened first; then a segment in S3, which is read as a whole when it is opened, and last what
 * opening makes where there is none: so nothing is made while something else may be wrong.
 */
export function turnOf({ address, need }: Closed): number {
  switch (address.kind) {
    case 'bucket':
    case 's3':
      return 0
    case 'remote':
      return 1
    case 's3-segment':
      return need === 'write' ? 3 : 2
    case 'directory':
      return need === 'write' ? 4 : 0
  }
}

/**
 * Says at once what would be wrong with a side that is to be written, where it is opened or asked late only. Makes nothing.
 * @throws NOT_FOUND, USAGE, IO of a folder; what a store throws of S3, which is asked only where the other side takes long
 */
export async function lookAhead(
  app: App,
  { address, need }: Closed,
  beside: Closed,
  signal: AbortSignal,
): Promise<void> {
  if (need !== 'write') return
  const isLate = beside.address.kind === 's3-segment'
  switch (address.kind) {
    case 'bucket':
    case 'remote':
      return
    case 's3':
      return isLate ? askS3(app, address, signal) : undefined
    case 's3-segment':
      return isLate ? askS3(app, address.at, signal) : undefined
    case 'directory': {
      const { lookAtFolder } = await import('../../endpoints/directory/endpoint.js')
      return lookAtFolder(path.resolve(address.path))
    }
  }
}
