import type { ChunkSpot, PlacedChunk, SpotIndex } from '../model/chunk-spots.js'
import type { ChunkIndex, PendingChunk } from './chunk-index.js'
import { packKey } from './keys.js'
import { ALL, lastBefore, rowsUnder, type Tables, tablesOf, transact } from './tables.js'

/** Local packs, those of manifests, count from 1: the two never meet. */
const FIRST_NUMBER = 2 ** 31

/** Chunks of packs that are named and stand elsewhere: their rows are those of any chunk, with numbers that stand for the names. */
export function createSpotIndex(tables: Tables, index: ChunkIndex): SpotIndex {
  const { packNames, packNumbers, sourcesRead } = tablesOf(tables, ['packNames', 'packNumbers', 'sourcesRead'])

  /** In a transaction. */
  function numberOf(pack: string): number {
    const name = Buffer.from(pack, 'hex')
    const known = packNumbers.get(name)
    if (known !== undefined) return known.readUInt32BE(0)
    const last = lastBefore(packNames, ALL, packKey(2 ** 32 - 1))
    const number = last === undefined ? FIRST_NUMBER : last.key.readUInt32BE(0) + 1
    packNames.putSync(packKey(number), name)
    packNumbers.putSync(name, packKey(number))
    return number
  }

  const note = (source: string): void => {
    sourcesRead.putSync(Buffer.from(source), Buffer.alloc(0))
  }

  return {
    isPresent: (ref) => index.isPresent(ref),

    find(id): ChunkSpot | undefined {
      const row = index.row(id)
      if (row === undefined) return undefined
      const { pack, offset, length } = row.place
      const name = packNames.get(packKey(pack))
      if (name === undefined) throw new RangeError(`a chunk in pack ${pack}, which has no name`)
      return { pack: name.toString('hex'), offset, length, codec: row.codec }
    },

    learn(packs, source) {
      transact(tables, () => {
        for (const { pack, chunks } of packs) {
          const number = numberOf(pack)
          index.insert(chunks.map((chunk) => placedIn(number, chunk)))
        }
        note(source)
      })
    },

    learnWhole(nodes) {
      if (nodes.length > 0) transact(tables, () => index.markWhole(nodes))
    },

    isRead: (source) => sourcesRead.doesExist(Buffer.from(source)),

    noteRead(source) {
      transact(tables, () => note(source))
    },

    keepRead(sources) {
      const gone = rowsUnder(sourcesRead, ALL).filter(({ key }) => !sources.has(key.toString()))
      if (gone.length === 0) return
      transact(tables, () => {
        for (const { key } of gone) sourcesRead.removeSync(key)
      })
    },
  }
}

const placedIn = (pack: number, { id, size, offset, length, codec }: PlacedChunk): PendingChunk => ({
  ref: { id, size, node: false },
  codec,
  storedBytes: length,
  place: { pack, offset, length },
})
