import { expect, test } from 'vitest'
import type { ChunkRef } from '../../src/model/chunk.js'
import { Claims } from '../../src/transfer/live/claims.js'
import { leaf, tree } from '../contracts/samples.js'
import { Faults } from '../fakes/faults.js'
import { Site } from './site.js'

const [one, two] = [leaf('one'), leaf('two')]

/** Whether a promise has settled once everything else that can run has run. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false
  promise.then(
    () => {
      settled = true
    },
    () => {
      settled = true
    },
  )
  for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve))
  return settled
}

async function sessions(waitMs = 60_000, faults = new Faults()) {
  const { sink } = (await Site.memory()).live(faults)
  const claims = new Claims(waitMs)
  return [claims.session(sink), claims.session(sink)] as const
}

const ids = (refs: readonly ChunkRef[]) => refs.map(({ id }) => id)

test('what one was told is missing another waits for, and is not told once it is there', async () => {
  const [a, b] = await sessions()
  expect(ids(await a.sink.missing([one.ref, two.ref]))).toEqual([one.ref.id, two.ref.id])
  const waiting = b.sink.missing([one.ref])
  expect(await isSettled(waiting)).toBe(false)
  await a.sink.put([one], [])
  expect(await waiting).toEqual([])
  expect(await isSettled(b.sink.missing([two.ref]))).toBe(false)
})

test('who brings it may ask again, and of what nobody brings nobody waits', async () => {
  const [a, b] = await sessions()
  await a.sink.missing([one.ref])
  expect(ids(await a.sink.missing([one.ref]))).toEqual([one.ref.id])
  expect(ids(await b.sink.missing([two.ref]))).toEqual([two.ref.id])
})

test('a put that fails, and the end of a session, let the next one bring it', async () => {
  const faults = new Faults().plan('sink.put', 1, () => {
    throw new Error('the disk')
  })
  const [a, b] = await sessions(60_000, faults)
  await a.sink.missing([one.ref, two.ref])
  const [first, second] = [b.sink.missing([one.ref]), b.sink.missing([two.ref])]
  await expect(a.sink.put([one], [])).rejects.toThrow('the disk')
  expect(ids(await first)).toEqual([one.ref.id])
  expect(await isSettled(second)).toBe(false)
  a.end()
  expect(ids(await second)).toEqual([two.ref.id])
})

test('nobody waits for ever, and who has waited takes over', async () => {
  const [a, b] = await sessions(1000)
  await a.sink.missing([one.ref])
  expect(ids(await b.sink.missing([one.ref]))).toEqual([one.ref.id])
  a.end()
  const waiting = a.sink.missing([one.ref])
  await b.sink.put([one], [])
  expect(await waiting).toEqual([])
})

test('two that need what the other brings do not wait for each other', async () => {
  const [a, b] = await sessions()
  await a.sink.missing([one.ref])
  await b.sink.missing([two.ref])
  const waiting = [a.sink.missing([one.ref, two.ref]), b.sink.missing([two.ref, one.ref])]
  await a.sink.put([one], [])
  await b.sink.put([two], [])
  expect(await Promise.all(waiting)).toEqual([[], []])
})

test('nodes are not waited for', async () => {
  const [a, b] = await sessions()
  const { node } = tree(['x', 'y'])
  await a.sink.missing([node.ref])
  expect(ids(await b.sink.missing([node.ref]))).toEqual([node.ref.id])
})

test('a wait ends with its signal', async () => {
  const [a, b] = await sessions()
  await a.sink.missing([one.ref])
  const stop = new AbortController()
  const waiting = b.sink.missing([one.ref], { signal: stop.signal })
  stop.abort(new Error('enough'))
  await expect(waiting).rejects.toThrow('enough')
})
