import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { EfsError, systemCode } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { S3Endpoint } from '../../endpoints/s3/endpoint.js'
import type { S3Place } from '../../endpoints/s3/store.js'
import type { S3Address } from '../../model/s3-address.js'
import type { Stats } from '../../model/stats.js'
import type { App } from '../app.js'
import { namedCredential } from '../credentials/named.js'

/**
 * Where an address is: at the server that this process was told of, with the user's own credential that is named after it, else with what the SDK finds.
 * @throws REFUSED where that credential is out of reach; USAGE where the file of authorities cannot be read; CORRUPT, NEWER_FORMAT
 */
export async function s3PlaceOf(app: App, { bucket, prefix }: S3Address): Promise<S3Place> {
  const pair = await namedCredential(app, `s3://${bucket}/${prefix}`)
  const colon = pair?.indexOf(':') ?? -1
  const own =
    pair === undefined || colon < 0
      ? {}
      : { credentials: { accessKeyId: pair.slice(0, colon), secretAccessKey: pair.slice(colon + 1) } }
  const at = app.s3Endpoint === undefined ? {} : { endpoint: app.s3Endpoint }
  return { access: { ...at, ...own, ...(await authoritiesOf(app)) }, bucket, prefix }
}

async function authoritiesOf({ s3Endpoint, s3Authorities: file }: App): Promise<{ authorities?: string }> {
  if (file === undefined || s3Endpoint?.startsWith('http:')) return {}
  const stopped = (why: string, cause?: unknown): EfsError =>
    new EfsError('USAGE', `cannot take ${file}, which $AWS_CA_BUNDLE names: ${why}`, {
      hint: 'set it to the file with the certificate of the authority of your S3 server, or unset it',
      cause,
    })
  try {
    const { size } = await stat(file)
    if (size <= LIMITS.authoritiesBytesMax) return { authorities: await readFile(file, 'utf8') }
  } catch (error) {
    throw stopped(systemCode(error) ?? String(error), error)
  }
  throw stopped(`it has more than ${LIMITS.authoritiesBytesMax} bytes`)
}

/** One small question to the server. @throws as `ObjectStore` and `s3PlaceOf` */
export async function askS3(app: App, address: S3Address, signal: AbortSignal): Promise<void> {
  const { s3Store } = await import('../../endpoints/s3/store.js')
  const store = await s3Store(await s3PlaceOf(app, address))
  try {
    await store.list({ signal })[Symbol.asyncIterator]().next()
  } finally {
    store.close()
  }
}

/** Nothing is asked of the server yet. @throws as `s3PlaceOf`; USAGE where its address is no URL */
export async function openS3(app: App, address: S3Address, stats: Stats): Promise<S3Endpoint> {
  const { s3Endpoint } = await import('../../endpoints/s3/endpoint.js')
  const uploads = path.join(app.config, 's3-uploads')
  return s3Endpoint(await s3PlaceOf(app, address), { clock: app.clock, stats, uploads })
}
