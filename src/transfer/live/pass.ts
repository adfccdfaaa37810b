import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { LiveSink, LiveSource } from '../../model/live.js'
import type { VersionRef } from '../../model/version-ref.js'
import { mergeJoin, noPages } from '../merge-join.js'

/** What a full pass comes upon, with the last key that is done then. */
export interface PassPage {
  readonly refs: readonly VersionRef[]
  readonly last: ObjectKey
}

/**
 * All heads of a source that are not those of the sink, deletes too, and all tips of keys that have several; a page at a time,
 * in key order, after `after`. What the sink alone has is not its business.
 */
export async function* passOver(
  source: Pick<LiveSource, 'list' | 'tips'>,
  sink: Pick<LiveSink, 'list'>,
  after: string,
  options: CallOptions,
): AsyncGenerator<PassPage> {
  const from = { ...options, deleted: true, ...(after !== '' && { after: after as ObjectKey }) }
  const failed = (): never => {
    throw new Error('a bucket of a segment has nothing that cannot be looked at')
  }
  for await (const page of mergeJoin(source.list(from, failed), sink.list(from, failed), noPages())) {
    const refs: VersionRef[] = []
    const torn: ObjectKey[] = []
    for (const { key, left, right } of page) {
      if (left?.held === undefined) continue
      if (left.held.tips > 1) torn.push(key)
      else if (left.held.id !== right?.held?.id) refs.push(left)
    }
    for (let at = 0; at < torn.length; at += LIMITS.parcelObjectsMax) {
      refs.push(...(await source.tips(torn.slice(at, at + LIMITS.parcelObjectsMax), options)))
    }
    const last = page.at(-1)?.key
    if (last !== undefined) yield { refs, last }
  }
}
