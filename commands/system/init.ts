import { boolean } from '@oclif/core/flags'
import { type Initialised, initSystem } from '../../src/app/system/system.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { shortHome } from '../../src/cli/settings/home.js'
import { shortGuid } from '../../src/model/ids.js'

export default class SystemInit extends EfsCommand<Initialised> {
  static override summary = 'make a segment in an empty folder'
  static override description =
    'It gets an identity of its own, a GUID. Where there is a segment already, nothing is done. The first bucket create makes one too, so this is for scripts and for homes in other places.'
  static override examples = ['<%= config.bin %> system init', '<%= config.bin %> --home /srv/efs system init']
  static override flags = { 'force-confirm': boolean({ char: 'f', summary: 'nothing is asked, with it or without' }) }

  protected override async work(): Promise<Initialised> {
    const { flags } = await this.parse(SystemInit)
    const result = await initSystem(this.app(flags))
    const [segment, home] = [`segment ${shortGuid(result.guid)}`, shortHome(result.home)]
    this.note(result.created ? `created ${segment} in ${home}` : `${segment} is already in ${home}`)
    return result
  }

  protected override text(): string {
    return ''
  }
}
