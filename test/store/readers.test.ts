import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openTables } from '../../src/store/index/tables.js'
import { home } from './homes.js'

/** Reads the index and holds on to what it read, until it is killed. */
const READER = `
  const { openTables } = await import(process.argv[1])
  const tables = openTables(process.argv[2], process.argv[3])
  const snapshot = tables.root.useReadTransaction()
  tables.root.get(Buffer.from('\\0index'), { transaction: snapshot })
  console.log('reading')
  setInterval(() => undefined, 1000)`

test('a reader that was killed holds nothing back once the home is opened again', async () => {
  const where = await home()
  const index = path.join(where, 'index.mdb')
  const child = spawn(
    process.execPath,
    ['--input-type=module', '-e', READER, path.resolve('dist/src/store/index/tables.js'), where, index],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  await once(child.stdout, 'data')
  const before = openTables(where, index)
  const row = new RegExp(`^\\s*${child.pid}\\s`, 'm')
  expect(before.root.readerList()).toMatch(row)
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(before.root.readerList()).toMatch(row)
  const after = openTables(where, index)
  expect(after.root.readerList()).not.toMatch(row)
  await after.close()
  await before.close()
})
