import type { S3Client } from '@aws-sdk/client-s3'
import { connect, type S3Access, type S3Connection } from './client.js'
import { Digests } from './digests.js'
import { QuickRequests } from './quick.js'

/** A bucket of a server, with a client that is open. */
export interface S3Bucket extends S3Connection {
  readonly client: S3Client
  readonly name: string
  /** Its address, as it was given or a profile names it; of Amazon's own buckets, which have their names for themselves, `AMAZON`. */
  readonly server: string
  /** For what moves bytes. */
  readonly quick: QuickRequests
  /** For what is written. */
  readonly digests: Digests
  close(): void
}

export const AMAZON = ''

/** Whoever opens it closes it. @throws USAGE */
export async function openBucket(access: S3Access, name: string): Promise<S3Bucket> {
  const connection = await connect(access)
  const quick = new QuickRequests(connection, name)
  const close = (): void => {
    quick.close()
    connection.client.destroy()
  }
  const server = access.endpoint ?? (await connection.client.config.serviceConfiguredEndpoint?.()) ?? AMAZON
  return { ...connection, name, server, quick, digests: new Digests(), close }
}

/** For messages. */
export const shown = ({ name }: S3Bucket, key: string): string => `s3://${name}/${key}`
