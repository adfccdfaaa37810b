import type { CollectOptions, CollectReport, LeftBehind } from '../../model/segment.js'
import { forgetBrought } from '../brought.js'
import type { PublishParts } from '../commit/publish-job.js'
import { compactPacks } from './compact.js'
import { markLive } from './mark.js'
import { retain } from './retain.js'
import { asCollector, type Bounds, boundsOf, whileUnfinished } from './run.js'
import { type Swept, sweepChunks } from './sweep.js'
import { Usage } from './usage.js'

/** One collection, from what is no longer wanted to the bytes on the disk. */
export function collect(parts: PublishParts, options: CollectOptions): Promise<CollectReport> {
  const { tables, clock } = parts.context
  return options.dryRun ? run(parts, options) : asCollector(tables, clock, () => run(parts, options))
}

async function run(parts: PublishParts, options: CollectOptions): Promise<CollectReport> {
  const { tables } = parts.context
  const retained = await retain(parts, options)
  const usage = new Usage()
  const sweep = async (bounds: Bounds): Promise<{ swept: Swept; bounds: Bounds }> => {
    const marks = await markLive({ ...parts, tables }, usage, options.signal)
    const swept = await sweepChunks({ ...parts, ...bounds, ...options, tables, marks, usage }, options.signal)
    return { swept, bounds }
  }
  const { swept, bounds } = await (options.dryRun ? sweep(boundsOf(tables)) : whileUnfinished(tables, sweep))
  if (!options.dryRun) forgetBrought(tables.home)
  const { packs, freedBytes, kept } = await compactPacks({ ...parts, tables, usage, options })
  return {
    ...retained,
    ...swept,
    packs,
    freedBytes,
    kept: [...keptChunks(swept, bounds), ...kept],
  }
}

function keptChunks({ condemned, young }: Swept, { writers }: Bounds): LeftBehind[] {
  return [
    { ...condemned, why: 'condemned now; the next run deletes it, unless something needs it by then' },
    { ...young, why: `not older than what process ${writers.join(', ')} is writing` },
  ].filter(({ bytes }) => bytes > 0)
}
