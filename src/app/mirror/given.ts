import type { Baseline, GivenRow } from '../../model/baseline.js'
import type { Done, Parked, PublishResult, Sink } from '../../model/endpoint.js'
import type { VersionId } from '../../model/ids.js'
import type { ObjectKey } from '../../model/key.js'
import type { Content } from '../../model/manifest.js'
import { looksSame } from '../../model/version-ref.js'
import { holds } from './held.js'

/**
 * What a pass writes at the other side it notes before, since it may end before it has noted what came of it, and since a file that was
 * written a moment ago may have changed without showing it. What then stands there with the same content is no news from there: it is that
 * version, from which the bucket may have gone on.
 */
export const noteGiven = (baseline: Baseline, done: readonly Done[]): Promise<void> =>
  baseline.putGiven(
    done.flatMap(({ key, content }): GivenRow[] => {
      if (!('manifest' in content) || !hasContent(content.manifest)) return []
      return [{ key, id: content.id, contentHash: content.manifest.contentHash }]
    }),
    [],
  )

/** The bucket's version of a key, as it is now. */
type HeadOf = (key: ObjectKey) => VersionId | undefined

/** What earlier passes gave and that is not settled. */
export class Given {
  readonly #baseline: Baseline
  readonly #headOf: HeadOf
  readonly #rows: ReadonlyMap<ObjectKey, GivenRow>

  private constructor(baseline: Baseline, headOf: HeadOf, rows: readonly GivenRow[]) {
    this.#baseline = baseline
    this.#headOf = headOf
    this.#rows = new Map(rows.map((row) => [row.key, row]))
  }

  static async of(baseline: Baseline, headOf: HeadOf): Promise<Given> {
    return new Given(baseline, headOf, await baseline.given())
  }

  /** The bucket, which such a thing is not published in: it has it, or had it. */
  sink(sink: Sink): Sink {
    if (this.#rows.size === 0) return sink
    const publish: Sink['publish'] = async (done, options) => {
      const given = await Promise.all(done.map((one) => this.#given(one)))
      const news = done.filter((_, i) => given[i] === undefined)
      const results = (news.length > 0 ? await sink.publish(news, options) : []).values()
      return given.map((row): PublishResult => {
        return row ? { status: 'known', id: row.id } : (results.next().value ?? fewer())
      })
    }
    return { ...sink, publish }
  }

  /** All that stands at the other side was looked at, but for what was left out. */
  async settle(leftOut: readonly Pick<Parked, 'key'>[]): Promise<void> {
    const settled = [...this.#rows.keys()].filter((key) => !leftOut.some((one) => holds(one, key)))
    await this.#baseline.putGiven([], settled)
  }

  async #given({ key, content, seen }: Done): Promise<GivenRow | undefined> {
    const row = this.#rows.get(key)
    const found = 'manifest' in content ? content.manifest : content
    if (row === undefined || !hasContent(found) || row.contentHash !== found.contentHash) return undefined
    // The bucket has it still, and somebody gave it other rights there, say.
    const [noted] = this.#headOf(key) === row.id ? await this.#baseline.get([key]) : []
    return noted && seen && !looksSame(seen, noted.seen) ? undefined : row
  }
}

const hasContent = ({ kind }: Content): boolean => kind === 'file' || kind === 'link'

function fewer(): never {
  throw new Error('the bucket gave fewer results than it was given objects')
}
