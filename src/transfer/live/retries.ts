import { LIMITS } from '../../base/limits.js'
import type { CallOptions } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { LiveSink, Retry } from '../../model/live.js'

/** The whole list, in key order; what changes in it meanwhile may be told or not. */
export async function* retryPages(
  sink: Pick<LiveSink, 'retries'>,
  name: string,
  options: CallOptions,
): AsyncGenerator<readonly Retry[]> {
  let after: ObjectKey | undefined
  for (;;) {
    const page = await sink.retries(name, after, options)
    if (page.length > 0) yield page
    after = page.at(-1)?.key
    if (page.length < LIMITS.parcelObjectsMax) return
  }
}

/** The whole list at once. */
export async function allRetries(
  sink: Pick<LiveSink, 'retries'>,
  name: string,
  options: CallOptions,
): Promise<readonly Retry[]> {
  const all: Retry[] = []
  for await (const page of retryPages(sink, name, options)) all.push(...page)
  return all
}
