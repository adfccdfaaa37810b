import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Clock } from '../../src/base/clock.js'
import type { Segment } from '../../src/model/segment.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { chunkStoreContract } from '../contracts/chunk-store.js'
import { HandClock } from '../contracts/samples.js'
import { versionIndexContract } from '../contracts/version-index.js'

/** A segment that is checked and removed when it is closed. */
async function passing(clock: Clock): Promise<Segment> {
  const home = await mkdtemp(path.join(tmpdir(), 'efs-store-'))
  await initSegment(home, { clock })
  const segment = await openSegment(home, { clock })
  return {
    ...segment,
    async close() {
      try {
        await segment.chunks.flush()
        const { damage } = await segment.check({ readData: true })
        if (damage.length > 0) throw new Error(`damage: ${JSON.stringify(damage)}`)
      } finally {
        await segment.close()
        await rm(home, { recursive: true, force: true })
      }
    },
  }
}

chunkStoreContract('the embedded store', () => passing(new HandClock(1_700_000_000_000)))
versionIndexContract('the embedded store', passing)
