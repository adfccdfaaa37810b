import { expect, onTestFinished } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { runGateway } from '../../src/app/gateway/run.js'
import { listConflicts } from '../../src/app/objects/conflicts.js'
import { deleteObject } from '../../src/app/objects/objects.js'
import { putObject } from '../../src/app/objects/put.js'
import { createService, setKey } from '../../src/app/services/services.js'
import { serve } from '../../src/app/services/serving.js'
import { showService } from '../../src/app/services/shown.js'
import { type PassDone, syncService } from '../../src/app/services/sync.js'
import { createName } from '../../src/app/system/names.js'
import { wait } from '../../src/app/waiting/wait.js'
import { newStats } from '../../src/app/watch.js'
import { Site } from './sites.js'

export const BUCKET = 'Hawaii/Cola/bk1'
const { signal } = new AbortController()

/** A segment with a service `s3`; what is not a gateway's is done in this process, which is quick. */
export class Side {
  readonly app: App

  private constructor(
    readonly site: Site,
    s3Endpoint: string,
  ) {
    const note = (): void => undefined
    this.app = openApp({ home: site.at('home'), config: site.at('config/efs'), note, s3Endpoint })
  }

  /** `env` has the server and the keys. */
  static async open(env: Readonly<Record<string, string>>, remote: string, direction: string): Promise<Side> {
    const side = new Side(await Site.open({ ...env }), env.AWS_ENDPOINT_URL ?? '')
    await createName(side.app, 'bucket', BUCKET, {}, { parents: true })
    await createService(side.app, 'isgw', 's3', { 'X-ISGW-Remote': remote, 'X-ISGW-Direction': direction })
    await setKey(side.app, 's3', 'X-Status', 'enabled', async () => '')
    return side
  }

  attach = (how: { readonly as?: string; readonly create?: boolean } = {}) =>
    serve(this.app, { service: 's3', path: BUCKET, pause: false, create: false, ...how })

  put = (key: string, body: string | Buffer) =>
    putObject(this.app, `${BUCKET}/${key}`, { stream: once(body) }, { stats: newStats(), signal })

  remove = (key: string) => deleteObject(this.app, `${BUCKET}/${key}`)

  read = (key: string): string => this.site.ok('object', 'get', `${BUCKET}/${key}`, '-').stdout

  /** A Ceph of one node sometimes answers nothing for half a minute. */
  async wait(timeoutMs = 120_000): Promise<string[]> {
    const { arrived, heldUp } = await wait(this.app, { service: 's3', timeoutMs }, signal, () => undefined)
    expect(heldUp).toEqual([])
    return arrived.map(({ at, objects }) => `${objects} ${at}`)
  }

  async sync(): Promise<PassDone[]> {
    const all: PassDone[] = []
    await syncService(this.app, { name: 's3', force: false }, signal, async (pass) => void all.push(pass))
    return all
  }

  async conflicts(): Promise<string[]> {
    const paths: string[] = []
    await listConflicts(this.app, {}, signal, async (page) => void paths.push(...page.map(({ path }) => path)))
    return paths
  }

  async numbers() {
    const { served } = await showService(this.app, 's3', { stats: true })
    const { stats } = served[0] ?? {}
    if (stats === undefined) throw new Error('nothing is served')
    return stats
  }

  /** In this process, where limits can be others. */
  async gatewayHere(): Promise<() => Promise<void>> {
    const stop = new AbortController()
    const gateway = runGateway(this.app, { version: 'test', tell: () => undefined, signal: stop.signal })
    const end = async (): Promise<void> => {
      stop.abort()
      await gateway
    }
    onTestFinished(end)
    return end
  }
}

async function* once(body: string | Buffer): AsyncGenerator<Uint8Array> {
  yield Buffer.from(body)
}
