import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { homePaths } from '../../src/store/home.js'
import { openTables, type Tables, transact } from '../../src/store/index/tables.js'
import { home } from './homes.js'

const KEY = Buffer.from('count')

function addOne(tables: Tables): void {
  transact(tables, () => {
    const row = Buffer.alloc(4)
    row.writeUInt32BE(countIn(tables) + 1)
    tables.refused.putSync(KEY, row)
  })
}

const countIn = ({ refused }: Tables): number => refused.get(KEY)?.readUInt32BE(0) ?? 0

/** Opens and closes the index so many times, and commits each time to it that the row is one more. */
const OPENER = `
  const [, script, where, file, times, adds] = process.argv
  const { openTables, transact } = await import(script)
  const key = Buffer.from('count')
  for (let i = 0; i < Number(times); i++) {
    const tables = openTables(where, file)
    if (adds === 'adds') transact(tables, () => {
      const row = Buffer.alloc(4)
      row.writeUInt32BE((tables.refused.get(key)?.readUInt32BE(0) ?? 0) + 1)
      tables.refused.putSync(key, row)
    })
    await tables.close()
    if (i === 0) process.stdout.write('opened')
    await new Promise((resolve) => setImmediate(resolve))
  }`

function startOpener(where: string, times: number, what: 'adds' | 'looks') {
  const script = path.resolve('dist/src/store/index/tables.js')
  const args = [script, where, homePaths(where).index, String(times), what]
  const child = spawn(process.execPath, ['--input-type=module', '-e', OPENER, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  return child
}

test('what one process commits while others open the index and close it again is all there', async () => {
  const where = await home()
  const tables = openTables(where, homePaths(where).index)
  onTestFinished(() => tables.close())
  const others = [startOpener(where, 1_000_000, 'looks'), startOpener(where, 1_000_000, 'looks')]
  for (const { stdout } of others) await once(stdout, 'data')
  const commits = 1500
  for (let i = 0; i < commits; i++) {
    addOne(tables)
    await delay(1)
  }
  expect(countIn(tables)).toBe(commits)
})

test('of several processes that open the index, commit and close it at the same time none harms another', async () => {
  const where = await home()
  const others = [1, 2, 3].map(() => startOpener(where, 300, 'adds'))
  const ends = await Promise.all(others.map((child) => once(child, 'exit')))
  expect(ends.map(([status]) => status)).toEqual([0, 0, 0])
  const tables = openTables(where, homePaths(where).index)
  onTestFinished(() => tables.close())
  expect(countIn(tables)).toBe(900)
})

test('a gate that is damaged is refused in words, and made anew where it is gone', async () => {
  const where = await home()
  const { index, gate } = homePaths(where)
  for (const bytes of [Buffer.from('hi'), Buffer.alloc(8192, 7), Buffer.alloc(4096)]) {
    await rm(gate)
    writeFileSync(gate, bytes)
    expect(() => openTables(where, index)).toThrow(`${gate} is damaged`)
  }
  await rm(gate)
  await openTables(where, index).close()
})
