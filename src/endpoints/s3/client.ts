import { S3Client, type S3ClientConfig } from '@aws-sdk/client-s3'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { bytesOfText } from './header-text.js'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
}

/** How a server is reached. It crosses to worker threads, so it is plain data. */
export interface S3Access {
  /**
   * `https://s3.example.org`; the bucket is then the first part of the path. `https://{bucket}.s3.example.org` puts it
   * in the host's name. Absent: as the SDK's own chain has it.
   */
  readonly endpoint?: string
  /** Absent: as the SDK's own chain has it, else us-east-1. */
  readonly region?: string
  /** Absent: by the SDK's own chain (environment, profile, role). */
  readonly credentials?: S3Credentials
  /** Certificates, as PEM, of all authorities that vouch for a server. Absent: those that Node knows. */
  readonly authorities?: string
}

/** Where a host begins with the bucket. */
const BUCKET = /^(https?:\/\/)\{bucket\}\./i
const REGION_DEFAULT = 'us-east-1'

/** A client, and the latest time that its server told. */
export interface S3Connection {
  readonly client: S3Client
  /** As `S3Access`. */
  readonly authorities: string | undefined
  /** Milliseconds since 1970, by the server's clock, in whole seconds; undefined before the first answer. */
  serverMs(): number | undefined
  /** An answer that came beside the client. */
  hear(response: unknown): void
}

/** Close it with `client.destroy()`. @throws USAGE where the endpoint is no URL */
export async function connect(access: S3Access): Promise<S3Connection> {
  const config = configOf(access)
  const client = await withRegion(config)
  let latest: number | undefined
  const hear = (response: unknown): void => {
    const told = dateOf(response)
    if (told !== undefined && told > (latest ?? 0)) latest = told
  }
  client.middlewareStack.add(
    (next) => async (args) => {
      sendAsUtf8(args.request)
      const result = await next(args)
      hear(result.response)
      return result
    },
    { step: 'deserialize', name: 'efsClockAndText' },
  )
  return { client, authorities: access.authorities, serverMs: () => latest, hear }
}

function configOf({ endpoint, region, credentials, authorities: ca }: S3Access): S3ClientConfig {
  const url = endpoint === undefined ? undefined : urlOf(endpoint)
  const sockets = { keepAlive: true, maxSockets: LIMITS.s3RequestsMax }
  return {
    ...(url !== undefined && { endpoint: url, forcePathStyle: endpoint === url }),
    ...(region !== undefined && { region }),
    ...(credentials !== undefined && { credentials }),
    retryMode: 'adaptive',
    maxAttempts: LIMITS.s3TriesMax,
    // Bodies are covered by the SHA-256 that is signed with each request, and by the BLAKE3 that efs writes beside them.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    followRegionRedirects: true,
    // With it the SDK sends over a connection of its own making, which does not know whom to believe.
    ...(ca !== undefined && { expectContinueHeader: false }),
    requestHandler: {
      connectionTimeout: LIMITS.s3ConnectMsMax,
      socketTimeout: LIMITS.s3StallMsMax,
      socketAcquisitionWarningTimeout: LIMITS.s3StallMsMax,
      httpAgent: sockets,
      httpsAgent: { ...sockets, ...(ca !== undefined && { ca }) },
    },
  }
}

/** Where the server is, whatever the bucket. @throws USAGE, where what may hold a password is not repeated */
function urlOf(endpoint: string): string {
  const url = endpoint.replace(BUCKET, '$1')
  if (url.includes('@')) {
    throw new EfsError('USAGE', 'the address of an S3 server holds no keys: others could read them', {
      hint: 'write --s3-endpoint https://host:port, and give the keys with: efs credential set s3://BUCKET',
    })
  }
  if (URL.canParse(url) && /^https?:/i.test(url) && !/[{}?#]/.test(url)) return url
  throw new EfsError('USAGE', `not an endpoint: ${endpoint}`, {
    hint: 'write --s3-endpoint https://host:port, or https://{bucket}.host:port',
  })
}

/** Servers that are not Amazon's take any region, and people who use them set none. */
async function withRegion(config: S3ClientConfig): Promise<S3Client> {
  const client = new S3Client(config)
  if (config.region !== undefined) return client
  try {
    await client.config.region()
    return client
  } catch {
    client.destroy()
    return new S3Client({ ...config, region: REGION_DEFAULT })
  }
}

/** It is signed by now: what was signed is the UTF-8 of its text. */
function sendAsUtf8(request: unknown): void {
  if (typeof request !== 'object' || request === null || !('headers' in request)) return
  const { headers } = request
  if (typeof headers === 'object' && headers !== null) request.headers = bytesOfText(headers)
}

function dateOf(response: unknown): number | undefined {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return undefined
  const { headers } = response
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return undefined
  const told = Date.parse(String(headers.date))
  return Number.isNaN(told) ? undefined : told
}
