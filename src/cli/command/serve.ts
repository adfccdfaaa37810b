import { boolean, string } from '@oclif/core/flags'
import { type ServedChange, type ServeRequest, serve } from '../../app/services/serving.js'
import { countOf } from '../../base/counts.js'
import { required } from '../flags/flags.js'
import { bytesText } from '../text/amounts.js'
import { EfsCommand, type GlobalFlags } from './base.js'

// `bucket attach` and `service serve` are one use-case in two spellings, as are `bucket detach` and `service unserve`.

export const BUCKET_ARG = { bucket: required('Hawaii/Cola/bk1, or a whole tenant') }
export const SERVICE_ARG = { service: required('the name of a service') }

export const SERVE_FLAGS = {
  as: string({ helpValue: 'NAME', summary: 'what it is called at the peer, where that is another name' }),
  pause: boolean({ summary: 'listed, but nothing is to be sent' }),
  create: boolean({ summary: 'make the cluster and tenant at the peer where it lacks them' }),
}

export abstract class ServeCommand extends EfsCommand<ServedChange> {
  protected override text(): string {
    return ''
  }

  /** The peer is asked, which may take a while. */
  protected async serve(
    flags: HowServed & GlobalFlags,
    what: Pick<ServeRequest, 'service' | 'path'>,
  ): Promise<ServedChange> {
    const result = await this.busy('asking the peer', () => serve(this.app(flags), { ...what, ...howServed(flags) }))
    this.tellServed(result)
    return result
  }

  private tellServed({ service, path, as, pause, changed, offer, notes }: ServedChange): void {
    const how = `${as === null ? '' : ` as ${as}`}${pause ? ', paused' : ''}`
    this.note(changed ? `attached ${path} to ${service}${how}` : `${path} is attached to ${service}${how} already`)
    if (offer !== null) {
      const bytes = offer.objects === 0 ? '' : `, at most ${bytesText(offer.bytes)} to send`
      this.note(`${countOf(offer.objects, 'object')} to offer${bytes}`)
    }
    for (const line of notes) this.note(line)
  }

  protected tellUnserved({ service, path }: ServedChange): void {
    this.note(`detached ${path} from ${service}`)
  }
}

interface HowServed {
  readonly as?: string | undefined
  readonly pause: boolean
  readonly create: boolean
}

/** The flags of a request. */
const howServed = (flags: HowServed) => ({
  pause: flags.pause,
  create: flags.create,
  ...(flags.as === undefined ? {} : { as: flags.as }),
})
