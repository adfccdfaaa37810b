import type { S3Client } from '@aws-sdk/client-s3'
import { connect, type S3Access, type S3Connection } from './client.js'
import { QuickRequests } from './quick.js'

/** A bucket of a server, with a client that is open. */
export interface S3Bucket extends S3Connection {
  readonly client: S3Client
  readonly name: string
  /** For what moves bytes. */
  readonly quick: QuickRequests
  close(): void
}

/** Whoever opens it closes it. @throws USAGE */
export async function openBucket(access: S3Access, name: string): Promise<S3Bucket> {
  const connection = await connect(access)
  const quick = new QuickRequests(connection, name)
  const close = (): void => {
    quick.close()
    connection.client.destroy()
  }
  return { ...connection, name, quick, close }
}

/** For messages. */
export const shown = ({ name }: S3Bucket, key: string): string => `s3://${name}/${key}`
