import { boolean, string } from '@oclif/core/flags'
import { startGateway } from '../../src/app/gateway/start.js'
import { runningGateway } from '../../src/app/gateway/state.js'
import { offerPairing } from '../../src/app/services/pairing.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { rightsFrom } from '../../src/cli/flags/flags.js'
import { PROGRAM } from '../../src/cli/program.js'
import { startedText } from '../../src/cli/text/gateway.js'

interface Paired {
  readonly url: string
  readonly service: string
  readonly expires: string
  readonly pid: number | null
}

export default class GatewayPair extends EfsCommand<Paired> {
  static override summary = 'print a URL with which one peer may pair with this segment, once'
  static override description =
    'The other side pastes it: efs service create isgw NAME --remote -. It is good once, for 15 minutes, and for those buckets and rights alone. The service that lets the peer in is made where there is none, enabled, and a gateway is started.'
  static override examples = [
    '<%= config.bin %> gateway pair --bucket Hawaii-r/Cola/bk1 --rights write',
    '<%= config.bin %> gateway pair --bucket Hawaii-r/Cola --rights read --host hawaii-r.example.org',
  ]
  static override flags = {
    bucket: string({
      helpValue: 'B',
      summary: 'a bucket or a whole tenant, as it is called here; more than once for several',
      required: true,
      multiple: true,
    }),
    rights: string({ helpValue: 'WORD', summary: 'what the peer may do: read, write or read+write', default: 'write' }),
    service: string({ helpValue: 'NAME', summary: 'the service that lets it in', default: 'pair-in' }),
    local: string({ helpValue: 'HOST:PORT', summary: 'where that one listens, if it is made' }),
    host: string({ helpValue: 'HOST[:PORT]', summary: 'how the peer reaches this side, if not as it looks from here' }),
    'no-start': boolean({ summary: 'start no gateway' }),
  }

  protected override async work(): Promise<Paired> {
    const { flags } = await this.parse(GatewayPair)
    const app = this.app(flags)
    const { local, host, service } = flags
    const offered = await offerPairing(app, {
      paths: flags.bucket,
      rights: rightsFrom(flags.rights),
      service,
      ...(local === undefined ? {} : { local }),
      ...(host === undefined ? {} : { host }),
    })
    const gateway = flags['no-start']
      ? undefined
      : await this.busy('starting the gateway', () => startGateway(app, PROGRAM))
    const made = offered.created ? 'created and enabled' : 'is enabled'
    const pid = gateway?.pid ?? runningGateway(app.home)?.process.pid
    const runs =
      pid === undefined
        ? '; no gateway runs (efs gateway start)'
        : `, ${gateway?.started ? startedText(gateway) : `the gateway runs (pid ${pid})`}`
    const minutes = Math.round((offered.expiresMs - app.clock.nowMs()) / 60_000)
    this.note(`service ${service} ${made}${runs}; valid ${minutes} minutes, once`)
    return {
      url: offered.url,
      service,
      expires: new Date(offered.expiresMs).toISOString(),
      pid: gateway?.pid ?? null,
    }
  }

  protected override text({ url }: Paired): string {
    return `${url}\n`
  }
}
