import { Domain, withinDomain } from '../../endpoints/domain.js'
import { EarlyNodes } from '../../endpoints/early-nodes.js'
import { liveBucket } from '../../endpoints/live-bucket.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import type { LiveBucket } from '../../model/live.js'
import type { Named } from '../../model/name-space.js'
import { parentOf } from '../../model/names.js'
import type { Segment } from '../../model/segment.js'
import { Claims, type Session } from '../../transfer/live/claims.js'
import { effectiveSettings, missing, storingOf } from '../buckets.js'

/** What all links of one segment share in one process: which data is on its way here, who sends what, what belongs to which tenant. */
export class Premises {
  readonly claims = new Claims()
  readonly #sending = new Map<string, number>()
  readonly #domains = new Map<BucketUid, Domain>()

  constructor(readonly segment: Segment) {}

  /** A bucket of this segment, as its own links use it: they may send all of it, and what they bring is held against what its tenant has. */
  bucket(named: Named): LiveBucket {
    const live = this.#live(named)
    const { sink } = withinDomain(live, this.#domainOf(named), new EarlyNodes())
    return { ...live, sink }
  }

  /** The same as a peer may use it, within what its tenant has. What it brings is its own to bring until the session ends. */
  lent(named: Named, early: EarlyNodes): { readonly bucket: LiveBucket; readonly session: Session } {
    const bucket = withinDomain(this.#live(named), this.#domainOf(named), early)
    const session = this.claims.session(bucket.sink)
    return { bucket: { ...bucket, sink: session.sink }, session }
  }

  /** Says that a link of this segment sends that bucket to that peer, until the function that is returned is called. */
  sending(bucket: BucketUid, to: SegmentGuid): () => void {
    const key = `${bucket} ${to}`
    this.#sending.set(key, (this.#sending.get(key) ?? 0) + 1)
    return () => {
      const left = (this.#sending.get(key) ?? 0) - 1
      if (left > 0) this.#sending.set(key, left)
      else this.#sending.delete(key)
    }
  }

  isSending(bucket: BucketUid, to: SegmentGuid): boolean {
    return this.#sending.has(`${bucket} ${to}`)
  }

  #live(named: Named): LiveBucket {
    return liveBucket(this.segment, named, storingOf(effectiveSettings(this.segment.names, named.path)))
  }

  #domainOf({ path }: Named): Domain {
    const { names } = this.segment
    const tenant = parentOf(path)
    const uid = names.find(tenant)?.uid
    if (uid === undefined) throw missing(names, tenant)
    const known = this.#domains.get(uid)
    if (known !== undefined) return known
    const buckets = (): LiveBucket[] =>
      names
        .children(tenant)
        .filter(({ kind }) => kind === 'bucket')
        .map((child) => this.#live(child))
    const domain = new Domain(buckets, this.segment.broughtTo(uid))
    this.#domains.set(uid, domain)
    return domain
  }
}
