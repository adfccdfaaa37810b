import type { NotKept } from '../../model/endpoint.js'
import type { Segment } from '../../model/segment.js'
import type { App } from '../app.js'
import { type Mirrored, openEnds } from './ends.js'
import { runPass, type Way } from './pass.js'

/** Both ways, once. @throws as `runMirror` */
export async function mirrorOnce(
  app: App,
  segment: Segment,
  what: Mirrored & { readonly force: boolean },
  signal: AbortSignal,
): Promise<{ readonly ways: readonly Way[]; readonly notKept: readonly NotKept[] }> {
  const ends = await openEnds(app, segment, what)
  try {
    const waiting = (pid: number): void => app.note(`process ${pid} brings them together just now: waiting for it`)
    const { ways } = await runPass(ends, { force: what.force, signal, waiting })
    return { ways, notKept: ends.there.sink.notKept?.() ?? [] }
  } finally {
    await ends.close()
  }
}
