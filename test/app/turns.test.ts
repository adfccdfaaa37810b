import { expect, test } from 'vitest'
import { Turns } from '../../src/app/link/turns.js'

test('who is stopped before its turn waits for nobody, and takes no turn', async () => {
  const turns = new Turns(1)
  let end = (): void => undefined
  const slow = turns.run(
    () =>
      new Promise<void>((resolve) => {
        end = resolve
      }),
    new AbortController().signal,
  )
  const done: string[] = []
  const stop = new AbortController()
  const given = turns.run(async () => void done.push('given up'), stop.signal)
  const next = turns.run(async () => void done.push('next'), new AbortController().signal)
  stop.abort(new Error('stopped'))
  await expect(given).rejects.toThrow('stopped')
  expect(done).toEqual([])
  end()
  await Promise.all([slow, next])
  expect(done).toEqual(['next'])
})
