import type { EfsError } from '../base/errors.js'
import { keyFault } from './key.js'

/** Objects of an S3 bucket, each readable by any tool. */
export interface S3Address {
  readonly kind: 's3'
  readonly bucket: string
  /** Of keys: empty, or ends in `/`. */
  readonly prefix: string
}

/** As Ceph takes them where it is not told to be strict, and as Amazon took them long ago: such buckets are still there. */
const S3_BUCKET = /^(?=.*[A-Za-z0-9])[A-Za-z0-9._-]{3,255}$/
const IP_ADDRESS = /^\d+(\.\d+){3}$/

/** Why the text is no bucket's name, or undefined. */
function bucketFault(name: string): string | undefined {
  if (!S3_BUCKET.test(name)) {
    return 'a bucket of S3 has 3 to 255 letters, digits, dots, hyphens and underscores: s3://bucket/prefix'
  }
  if (IP_ADDRESS.test(name))
    return `${name} is a host and no bucket: s3://bucket/prefix, with --s3-endpoint for the host`
  return undefined
}

/** `s3://bucket/prefix`. @throws what `bad` makes of what is wrong with it */
export function parseS3(url: string, bad: (why: string) => EfsError): S3Address {
  const { bucket, rest } = partsOf(url)
  const misnamed = bucketFault(bucket)
  if (misnamed !== undefined) throw bad(misnamed)
  const prefix = rest === '' || rest.endsWith('/') ? rest : `${rest}/`
  const fault = prefix === '' ? undefined : keyFault(prefix)
  if (fault !== undefined) throw bad(fault)
  return { kind: 's3', bucket, prefix }
}

/** Whether a bucket stands first, and not something that may hold a password. */
export const namesS3Bucket = (url: string): boolean => bucketFault(partsOf(url).bucket) === undefined

/** As `parseS3` takes it. */
export const s3Text = ({ bucket, prefix }: S3Address): string => `s3://${bucket}${prefix === '' ? '' : `/${prefix}`}`

/** A segment that stands there, as people write it. */
export const s3SegmentText = (at: S3Address): string => s3Text(at).replace(/^s3:/, 's3+segment:')

function partsOf(url: string): { readonly bucket: string; readonly rest: string } {
  const [, bucket = '', rest = ''] = /^s3:\/\/([^/]*)\/?(.*)$/s.exec(url) ?? []
  return { bucket, rest }
}
