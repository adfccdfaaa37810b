import { spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { noise } from '../chunker/bytes.js'
import { emptyFolder, makeFile } from './folders.js'
import { collect, listAll, next, parcelsOf } from './reading.js'

describe('a file that changes', () => {
  test('after it was listed is read as it is now', async () => {
    const root = emptyFolder()
    const file = makeFile(root, 'file', 'as listed '.repeat(50))
    const { rows } = await listAll(root)
    writeFileSync(file, 'grown since '.repeat(1000))
    const { objects } = await collect(parcelsOf(root, rows))
    expect(objects.get('file')?.bytes.toString()).toBe('grown since '.repeat(1000))
    expect(objects.get('file')?.done.seen?.size).toBe(12_000)
  })

  test('while it is read, when parts of it have gone already, is parked', async () => {
    const root = emptyFolder()
    const file = makeFile(root, 'large', noise(1, 3 * LIMITS.parcelBytesMax))
    makeFile(root, 'small', 'quiet')
    const { rows } = await listAll(root)
    const parcels = parcelsOf(root, rows, { parcelsInFlight: 1 })
    const first = await next(parcels)
    expect(first.done).toEqual([])
    appendFileSync(file, 'more')
    first.release()
    const { objects, parked } = await collect(parcels)
    expect(parked).toEqual([{ key: 'large', why: 'changed while it was read', inFlight: true }])
    expect([...objects.keys()]).toEqual(['small'])
  })

  test('all the time is read whole or parked, never torn', async () => {
    const root = emptyFolder()
    const file = makeFile(root, 'busy', 'a'.repeat(100_000))
    makeFile(root, 'quiet', 'quiet')
    const script =
      "const fs=require('fs');process.stdout.write('.');for(;;)fs.appendFileSync(process.argv[1],'b'.repeat(997))"
    const writer = spawn(process.execPath, ['-e', script, file])
    const ended = new Promise((resolve) => writer.on('exit', resolve))
    try {
      await new Promise((resolve) => writer.stdout.once('data', resolve))
      const { rows } = await listAll(root)
      const { objects, parked } = await collect(parcelsOf(root, rows))
      expect(objects.get('quiet')?.bytes.toString()).toBe('quiet')
      const busy = objects.get('busy')
      if (busy === undefined)
        expect(parked).toEqual([{ key: 'busy', why: 'changed while it was read', inFlight: true }])
      else expect(busy.bytes.toString()).toMatch(/^a{100000}b*$/)
    } finally {
      writer.kill()
      await ended
    }
  })

  test('into nothing, a link or a folder is parked, and the others come', async () => {
    const root = emptyFolder()
    for (const key of ['folder', 'gone', 'link', 'stays']) makeFile(root, key, `${key} `.repeat(100))
    const { rows } = await listAll(root)
    for (const key of ['folder', 'gone', 'link']) rmSync(path.join(root, key))
    mkdirSync(path.join(root, 'folder'))
    symlinkSync('stays', path.join(root, 'link'))
    const { objects, parked } = await collect(parcelsOf(root, rows))
    expect([...objects.keys()]).toEqual(['stays'])
    expect(parked).toEqual([
      { key: 'folder', why: 'changed while it was read', inFlight: true },
      { key: 'gone', why: 'cannot be read: it is gone', inFlight: true },
      { key: 'link', why: 'cannot be read: it became a link' },
    ])
  })
})
