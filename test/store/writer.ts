import { writeSync } from 'node:fs'
import { systemClock } from '../../src/base/clock.js'
import type { Chunk } from '../../src/model/chunk.js'
import type { Done } from '../../src/model/endpoint.js'
import type { Segment } from '../../src/model/segment.js'
import { openSegment } from '../../src/store/segment.js'
import { done, fileOf, leaf, tree, treeFile } from '../contracts/samples.js'
import { bucketOf } from './homes.js'

/*
 * A process that writes into a home until it is killed or has written `rounds` rounds. On stdout, a line each:
 *   put ROUND             the chunks of a round have been put
 *   done KEY ID           a version was acknowledged
 */

const OBJECTS = 20
const LEAVES = 3

/** What a round writes: always the same for the same name and number. */
export function roundOf(
  name: string,
  round: number,
): { readonly chunks: readonly Chunk[]; readonly done: readonly Done[] } {
  const chunks: Chunk[] = []
  const items: Done[] = []
  for (let i = 0; i < OBJECTS; i++) {
    const chunk = leaf(`${name} ${round} ${i} ${'x'.repeat(i * 100)}`)
    chunks.push(chunk)
    items.push(done(`${name}/${round}/${i}`, fileOf(chunk)))
  }
  const texts = Array.from({ length: LEAVES }, (_, i) => `${name} leaf ${i} of ${round}`)
  const { node, leaves } = tree(texts)
  return { chunks: [...chunks, ...leaves, node], done: [...items, done('shared', treeFile(texts))] }
}

async function write(segment: Segment, name: string, rounds: number): Promise<void> {
  const bucket = bucketOf(segment)
  for (let round = 0; round < rounds; round++) {
    const { chunks, done: items } = roundOf(name, round)
    await segment.chunks.put(chunks)
    say(`put ${round}`)
    const results = await segment.versions.publish(bucket, items, { overwrite: true })
    results.forEach((result, i) => {
      if (result.status !== 'published' && result.status !== 'known') throw new Error(`it is ${result.status}`)
      say(`done ${items[i]?.key} ${result.id}`)
    })
  }
}

const say = (line: string): void => {
  writeSync(1, `${line}\n`)
}

const [, script, home, name, rounds] = process.argv
if (script === import.meta.filename && home !== undefined && name !== undefined) {
  const segment = await openSegment(home, { clock: systemClock })
  await write(segment, name, Number(rounds))
  await segment.close()
}
