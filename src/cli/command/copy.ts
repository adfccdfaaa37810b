import { boolean } from '@oclif/core/flags'
import { required } from '../flags/flags.js'
import { EfsCommand } from './base.js'

export interface Copied {
  readonly from: string
  readonly to: string
}

/** The arguments of `object clone` and `object move`. The parser reads only a command's own, so each names them. */
export const COPY_ARGS = { from: required('the object'), to: required('its new path') }
export const COPY_FLAGS = { force: boolean({ summary: 'also where an object is there already' }) }

export abstract class CopyCommand extends EfsCommand<Copied> {
  protected override text(): string {
    return ''
  }
}
