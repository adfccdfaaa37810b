import { readdirSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { isTemporary } from '../../src/base/temporary.js'
import { withPartialFile } from '../../src/cli/partial-file.js'
import { emptyFolder } from '../directory/folders.js'

test('a file that is not complete has a name that no sync takes in, and none when it is', async () => {
  const folder = emptyFolder()
  await withPartialFile(path.join(folder, 'got'), async (write) => {
    await write(Buffer.from('half'))
    expect(readdirSync(folder).filter((name) => !isTemporary(name))).toEqual([])
    expect(readdirSync(folder)).toHaveLength(1)
  })
  expect(readdirSync(folder)).toEqual(['got'])
})
