import type { Baseline, GivenRow } from '../../model/baseline.js'
import type { Done, Parked, PublishResult, Sink } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import { holds } from './held.js'

/**
 * What a pass writes at the other side it notes before, since it may end before it has noted what came of it. What then stands there with
 * the same content is no news from there: it is that version, from which the bucket may have gone on.
 */
export const noteGiven = (baseline: Baseline, done: readonly Done[]): Promise<void> =>
  baseline.putGiven(
    done.flatMap(({ key, content }): GivenRow[] => {
      if (!('manifest' in content) || !hasContent(content.manifest)) return []
      return [{ key, id: content.id, contentHash: content.manifest.contentHash }]
    }),
    [],
  )

/** What earlier passes gave and noted nothing more of. */
export class Given {
  readonly #baseline: Baseline
  readonly #rows: ReadonlyMap<ObjectKey, GivenRow>

  private constructor(baseline: Baseline, rows: readonly GivenRow[]) {
    this.#baseline = baseline
    this.#rows = new Map(rows.map((row) => [row.key, row]))
  }

  static async of(baseline: Baseline): Promise<Given> {
    return new Given(baseline, await baseline.given())
  }

  /** The bucket, which such a thing is not published in: it has it, or had it. */
  sink(sink: Sink): Sink {
    if (this.#rows.size === 0) return sink
    const publish: Sink['publish'] = async (done, options) => {
      const news = done.filter((one) => this.#given(one) === undefined)
      const results = (news.length > 0 ? await sink.publish(news, options) : []).values()
      return done.map((one): PublishResult => {
        const given = this.#given(one)
        return given ? { status: 'known', id: given.id } : (results.next().value ?? fewer())
      })
    }
    return { ...sink, publish }
  }

  /** All that stands at the other side was looked at, but for what was left out. */
  async settle(leftOut: readonly Pick<Parked, 'key'>[]): Promise<void> {
    const settled = [...this.#rows.keys()].filter((key) => !leftOut.some((one) => holds(one, key)))
    await this.#baseline.putGiven([], settled)
  }

  #given({ key, content }: Done): GivenRow | undefined {
    const row = this.#rows.get(key)
    const found = 'manifest' in content ? content.manifest : content
    return hasContent(found) && row?.contentHash === found.contentHash ? row : undefined
  }
}

const hasContent = ({ kind }: Content): boolean => kind === 'file' || kind === 'link'

function fewer(): never {
  throw new Error('the bucket gave fewer results than it was given objects')
}
