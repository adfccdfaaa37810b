import { boolean } from '@oclif/core/flags'
import { adoptSystem } from '../../src/app/system/system.js'
import { EfsError } from '../../src/base/errors.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { shortHome } from '../../src/cli/settings/home.js'
import type { AdoptAs, Adopted } from '../../src/model/adopting.js'
import { shortGuid } from '../../src/model/ids.js'

export default class SystemAdopt extends EfsCommand<Adopted & { readonly home: string }> {
  static override summary = 'say of a home that was copied, moved or restored which of these it was'
  static override description =
    'Until then it can be used as before, but its links pause: two homes that are one segment would take ' +
    "each other's changes for their own."
  static override examples = ['<%= config.bin %> system adopt --moved', '<%= config.bin %> system adopt --copied']
  static override flags = {
    moved: boolean({ summary: 'there is no other home with this segment: it goes on here' }),
    copied: boolean({ summary: 'the other one lives on too: this one becomes a segment of its own' }),
  }

  protected override async work(): Promise<Adopted & { readonly home: string }> {
    const { flags } = await this.parse(SystemAdopt)
    const adopted = await adoptSystem(this.app(flags), choice(flags))
    const [now, before, home] = [shortGuid(adopted.guid), shortGuid(adopted.before), shortHome(adopted.home)]
    if (flags.copied) this.note(`adopted: ${home} is segment ${now} from now on; ${before} is the other one`)
    else if (adopted.wasNeeded) this.note(`adopted: segment ${now} goes on in ${home}`)
    else this.note(`nothing to do: segment ${now} in ${home} was not copied, moved or restored`)
    return adopted
  }

  protected override text(): string {
    return ''
  }
}

function choice({ moved, copied }: { readonly moved: boolean; readonly copied: boolean }): AdoptAs {
  if (moved !== copied) return moved ? 'moved' : 'copied'
  throw new EfsError('USAGE', moved ? 'it is either --moved or --copied' : 'neither --moved nor --copied is given', {
    hint: '--moved: there is no other home with this segment; --copied: the other one lives on too',
  })
}
