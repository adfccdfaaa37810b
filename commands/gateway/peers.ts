import { listPeers } from '../../src/app/peers/peers.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { type PeerJson, peerJson, peerTable } from '../../src/cli/text/peer.js'

export default class GatewayPeers extends EfsCommand<{ readonly peers: readonly PeerJson[] }> {
  static override summary = 'list the other segments that are known here, and what they may do'
  static override description =
    'One line each: its segment, when it was seen last, its rights by pairing, what it calls itself.'
  static override examples = ['<%= config.bin %> gateway peers', '<%= config.bin %> gateway peers --json']

  protected override async work() {
    const { flags } = await this.parse(GatewayPeers)
    return { peers: (await listPeers(this.app(flags))).map(peerJson) }
  }

  protected override text({ peers }: { readonly peers: readonly PeerJson[] }): Promise<string> {
    return peerTable(peers, this.page)
  }
}
