import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { SegmentGuid } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Checkpoint, LiveSource } from '../../model/live.js'
import type { Behind } from '../../model/live-stats.js'
import type { VersionRef } from '../../model/version-ref.js'

export interface BehindOptions extends CallOptions {
  /** What came from the sink's segment is there. */
  readonly without: SegmentGuid
  /** How many rows are looked at; LIMITS.behindRowsMax unless told. */
  readonly rowsMax?: number
}

/**
 * What of a source a sink has not acknowledged that is at `checkpoint`; undefined: that took nothing in yet. An object counts once,
 * with the bytes of its latest version. Where a full pass is due, all that it has not come to may be there already.
 */
export async function behind(
  source: Pick<LiveSource, 'list' | 'changes'>,
  checkpoint: Checkpoint | undefined,
  options: BehindOptions,
): Promise<Behind> {
  const rows = new Map<ObjectKey, VersionRef>()
  const { rowsMax = LIMITS.behindRowsMax } = options
  let [looked, oldest, capped] = [0, Number.POSITIVE_INFINITY, false]
  for await (const page of unsent(source, checkpoint, options)) {
    if (looked >= rowsMax) {
      capped = true
      break
    }
    looked += page.length
    for (const ref of page) {
      rows.set(ref.key, ref)
      oldest = Math.min(oldest, ref.held?.stamp.time ?? oldest)
    }
  }
  const bytes = [...rows.values()].reduce((sum, { size }) => sum + size, 0)
  const oldestAtMs = Number.isFinite(oldest) ? Math.floor(oldest / 1000) : null
  return { objects: rows.size, bytes, oldestAtMs, capped }
}

/** What comes after a checkpoint, in order: by key while a pass is due, then by the journal. At most a page more than are looked at is read. */
export async function* unsent(
  source: Pick<LiveSource, 'list' | 'changes'>,
  checkpoint: Checkpoint | undefined,
  { without, signal }: BehindOptions,
): AsyncGenerator<readonly VersionRef[]> {
  const call = signal === undefined ? {} : { signal }
  const first = checkpoint && (await source.changes(checkpoint.position, { ...call, without }))
  const pass = first === undefined ? '' : checkpoint?.pass
  if (pass !== undefined) {
    const after = pass === '' ? {} : { after: pass as ObjectKey }
    yield* source.list({ ...call, ...after, deleted: true }, () => undefined)
  }
  for (let page = first; page !== undefined; page = await source.changes(page.upTo, { ...call, without })) {
    if (page.refs.length > 0) yield page.refs
    if (!page.more) return
  }
}
