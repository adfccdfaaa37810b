import type { ChunkSpot, PlacedChunk, SpotIndex } from '../model/chunk-spots.js'
import { readCollectionRow, writeCollectionRow } from './collection-row.js'
import type { ChunkIndex, PendingChunk } from './index/chunk-rows.js'
import { packKey } from './index/keys.js'
import { buckets } from './index/name-rows.js'
import { ALL, allKeys, lastBefore, rowsUnder, type Tables, tablesOf, transact } from './index/tables.js'
import { IndexTransaction } from './index/transaction.js'
import { lookUnder } from './trees.js'

/** Local packs, those of manifests, count from 1: the two never meet. */
const FIRST_NUMBER = 2 ** 31
const NAMES = ['packNames', 'packNumbers', 'packsGone', 'sourcesRead'] as const
const NOTHING = Buffer.alloc(0)

/** Chunks of packs that are named and stand elsewhere: their rows are those of any chunk, with numbers that stand for the names. */
export function createSpotIndex(tables: Tables, index: ChunkIndex): SpotIndex {
  const { packsGone, sourcesRead } = tablesOf(tables, NAMES)

  const numberOf = numbering(tables)
  const note = (source: string): void => {
    sourcesRead.putSync(Buffer.from(source), NOTHING)
  }

  const isAnyGone = (): boolean => packsGone.count > 0

  return {
    isPresent: (ref) => index.isPresent(ref),

    learn(packs, source) {
      transact(tables, () => {
        for (const { pack, chunks } of packs) {
          const number = numberOf(pack)
          const isGone = packsGone.doesExist(packKey(number))
          index.insert(
            chunks.map((chunk) => placedIn(number, chunk)),
            isGone,
          )
        }
        note(source)
      })
    },

    learnWhole(nodes) {
      if (nodes.length === 0) return
      transact(tables, () => {
        if (!isAnyGone()) index.markWhole(nodes)
      })
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

    isAnyGone,
    ...lossesOf(tables, index, numberOf),
  }
}

function numbering(tables: Tables): (pack: string) => number {
  const { packNames, packNumbers } = tablesOf(tables, NAMES)
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
  return numberOf
}

type Losses = Pick<SpotIndex, 'find' | 'packs' | 'gone' | 'setGone' | 'lacking'>

function lossesOf(tables: Tables, index: ChunkIndex, numberOf: (pack: string) => number): Losses {
  const { packNames, packsGone, sourcesRead } = tablesOf(tables, NAMES)
  return {
    find(id): ChunkSpot | undefined {
      const row = index.row(id)
      if (row === undefined) return undefined
      const { pack, offset, length } = row.place
      const name = packNames.get(packKey(pack))
      if (name === undefined) throw new RangeError(`a chunk in pack ${pack}, which has no name`)
      return { pack: name.toString('hex'), offset, length, codec: row.codec }
    },

    packs: () => rowsUnder(packNames, ALL).map(({ value }) => value.toString('hex')),

    gone: () => new Set(allKeys(packsGone).map((number) => packNames.get(number)?.toString('hex') ?? '')),

    setGone(packs, sources) {
      transact(tables, () => {
        const numbers = [...packs].map(numberOf)
        for (const key of allKeys(packsGone)) packsGone.removeSync(key)
        for (const number of numbers) packsGone.putSync(packKey(number), NOTHING)
        for (const { key } of rowsUnder(sourcesRead, Buffer.from(sources))) sourcesRead.removeSync(key)
        index.setLost(new Set(numbers))
        planAnew(tables)
      })
    },

    async lacking(roots, chunks) {
      const { tick } = readCollectionRow(tables)
      const { whole, missing } = await lookUnder(roots, { index, chunks, collecting: false })
      if (whole.size === 0) return missing
      transact(tables, () => {
        // What another process found to be gone meanwhile may be under them.
        if (readCollectionRow(tables).tick === tick) index.markWhole(whole)
      })
      return missing
    },
  }
}

/** In a transaction: what was planned on what is here is planned again, and no bucket stands where it stood. */
function planAnew(tables: Tables): void {
  const collection = readCollectionRow(tables)
  writeCollectionRow(tables, { ...collection, tick: collection.tick + 1 })
  const tx = new IndexTransaction(tables)
  for (const { uid } of buckets(tables)) tx.nextSequence(uid)
  tx.finish()
}

const placedIn = (pack: number, { id, size, offset, length, codec }: PlacedChunk): PendingChunk => ({
  ref: { id, size, node: false },
  codec,
  storedBytes: length,
  place: { pack, offset, length },
})
