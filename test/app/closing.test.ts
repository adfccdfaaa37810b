import { expect, test } from 'vitest'
import { closeAll } from '../../src/app/sync/closing.js'

test('all are closed, whatever one of them says, and the first that could not be is told', async () => {
  const closed: string[] = []
  const one = (name: string, error?: Error) => ({
    close: async () => {
      closed.push(name)
      if (error) throw error
    },
  })
  const ends = [one('a', new Error('first')), one('b', new Error('second'))]
  const segments = [Promise.reject(new Error('never opened')), Promise.resolve(one('c'))]
  await expect(closeAll(ends, segments)).rejects.toThrow('first')
  expect(closed).toEqual(['a', 'b', 'c'])
})
