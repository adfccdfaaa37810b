import { EfsError } from '../../src/base/errors.js'
import type { BucketUid, SegmentGuid } from '../../src/model/ids.js'
import type { Credential, Guest, Knock, LinkHost, NamedThere, Pairing, Rights } from '../../src/model/link.js'
import type { LiveBucket } from '../../src/model/live.js'
import type { Named } from '../../src/model/name-space.js'
import type { Settings } from '../../src/model/settings.js'
import type { LiveSegment } from './live-segment.js'

export const SECRET = 'hawaii:a secret'
export const ONE_TIME = 'K7Q2-M4XD-9TPL'

/** A host that lets in who shows the secret, to a segment in memory. */
export class FakeHost implements LinkHost {
  readonly knocks: Knock[] = []
  guests = 0
  /** How often a bucket was asked for. */
  opened = 0
  rights: Rights = { read: true, write: true }
  readonly sending = new Set<BucketUid>()
  readonly made: Settings[] = []
  /** What opening a bucket waits for. */
  opening: () => Promise<void> = () => Promise.resolve()

  constructor(
    readonly at: LiveSegment,
    readonly shown: Credential = { kind: 'shared', secret: SECRET },
  ) {}

  get segment(): SegmentGuid {
    return this.at.guid
  }

  async admit(knock: Knock): Promise<Guest> {
    this.knocks.push(knock)
    if (JSON.stringify(knock.credential) !== JSON.stringify(this.shown)) {
      throw new EfsError('REFUSED', 'the peer knows no key for this segment', { hint: 'pair again' })
    }
    this.guests++
    return this.#guest(knock.segment)
  }

  async pair(oneTime: string): Promise<Pairing> {
    if (oneTime !== ONE_TIME) throw new EfsError('REFUSED', 'that token was used, or never was')
    return { token: 'for-ever', grants: { '*': this.rights } }
  }

  #guest(segment: SegmentGuid): Guest {
    const { at } = this
    const { names } = at.segment
    return {
      segment,
      grants: { '*': this.rights },
      names: async (path) => names.children(path).map(there),
      make: async (path, settings) => {
        this.made.push(settings)
        return there(at.make(path))
      },
      open: (path, need) => this.#open(path, need),
      glance: async () => undefined,
      isSending: (uid) => this.sending.has(uid),
      onRing: (listener) => at.onRing(listener),
      leave: () => {
        this.guests--
      },
    }
  }

  async #open(path: string, need: keyof Rights | 'list'): Promise<LiveBucket> {
    this.opened++
    await this.opening()
    if (this.at.segment.names.find(path) === undefined) {
      throw new EfsError('NOT_FOUND', `the peer has no bucket ${path}`, { hint: 'it has Hawaii/Cola/bk1' })
    }
    const { read, write } = this.rights
    const may = { list: read || write, read, write }
    if (!may[need]) throw new EfsError('REFUSED', `no right to ${need} ${path}`)
    return this.at.bucket(path)
  }
}

const there = ({ kind, path, uid }: Named): NamedThere => ({ kind, path, uid })
