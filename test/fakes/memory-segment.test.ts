import { chunkStoreContract } from '../contracts/chunk-store.js'
import { HandClock } from '../contracts/samples.js'
import { versionIndexContract } from '../contracts/version-index.js'
import { MemorySegment } from './memory-segment/segment.js'

chunkStoreContract('memory', async () => new MemorySegment(new HandClock(1_700_000_000_000)))
versionIndexContract('memory', async (clock) => new MemorySegment(clock))
