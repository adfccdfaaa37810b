import { boolean } from '@oclif/core/flags'
import { EfsCommand } from './base-command.js'
import { required } from './flags.js'

export interface Copied {
  readonly from: string
  readonly to: string
}

/** What `object clone` and `object move` share. */
export abstract class CopyCommand extends EfsCommand<Copied> {
  static override args = { from: required('the object'), to: required('its new path') }
  static override flags = { force: boolean({ summary: 'also where an object is there already' }) }

  protected override text(): string {
    return ''
  }
}
