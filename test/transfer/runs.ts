import { EfsError } from '../../src/base/errors.js'
import type { Baseline } from '../../src/model/baseline.js'
import type { Endpoint, Source } from '../../src/model/endpoint.js'
import type { Settled, TransferReport } from '../../src/model/transfer.js'
import { createStats } from '../../src/stats/counters.js'
import { runTransfer } from '../../src/transfer/engine.js'
import { unpaced } from '../../src/transfer/pace.js'
import type { Transfer } from '../../src/transfer/transfer.js'

export interface Run {
  readonly report: TransferReport
  readonly settled: readonly Settled[]
  readonly stats: ReturnType<ReturnType<typeof createStats>['read']>
}

export type RunOptions = Partial<
  Pick<Transfer, 'policy' | 'guard' | 'signal' | 'parcelsInFlight' | 'settled' | 'leftOut' | 'stands'>
>

export interface Ends {
  readonly from: Endpoint & { readonly source: Source }
  readonly to: Endpoint
  readonly baseline?: Baseline
}

/** One transfer that makes the sink exactly as the source is, without a guard, unless told otherwise. */
export async function run({ from, to, baseline }: Ends, options: RunOptions = {}): Promise<Run> {
  if (to.sink === undefined) throw new Error('no sink')
  const stats = createStats()
  const settled: Settled[] = []
  const report = await runTransfer({
    source: from.source,
    sink: to.sink,
    ...(baseline && { baseline }),
    policy: { deleteExtra: true, checksum: false },
    guard: { force: true },
    parcelsInFlight: 4,
    pace: unpaced,
    stats,
    signal: new AbortController().signal,
    settled: (what) => settled.push(what),
    ...options,
  })
  return { report, settled, stats: stats.read() }
}

/** The code of the EfsError that is thrown. */
export function codeOf(work: () => void): string {
  try {
    work()
  } catch (error) {
    return error instanceof EfsError ? error.code : String(error)
  }
  return 'nothing was thrown'
}
