import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { homePaths } from '../../src/store/home.js'
import { openTables, transact } from '../../src/store/tables.js'
import { home } from './homes.js'

const OPENER = `
  const { openTables } = await import(process.argv[1])
  process.stdout.write('opens')
  for (;;) {
    await openTables(process.argv[2], process.argv[3]).close()
    await new Promise((resolve) => setImmediate(resolve))
  }`

test('what one process commits while others open the index and close it again is all there', async () => {
  const where = await home()
  const { index } = homePaths(where)
  const tables = openTables(where, index)
  onTestFinished(() => tables.close())
  for (let i = 0; i < 2; i++) {
    const script = path.resolve('dist/src/store/tables.js')
    const child = spawn(process.execPath, ['--input-type=module', '-e', OPENER, script, where, index])
    onTestFinished(() => {
      child.kill('SIGKILL')
    })
    await once(child.stdout, 'data')
  }
  const key = Buffer.from('count')
  const commits = 1500
  for (let i = 0; i < commits; i++) {
    transact(tables, () => {
      const row = Buffer.alloc(4)
      row.writeUInt32BE((tables.refused.get(key)?.readUInt32BE(0) ?? 0) + 1)
      tables.refused.putSync(key, row)
    })
    await delay(1)
  }
  expect(tables.refused.get(key)?.readUInt32BE(0)).toBe(commits)
})
