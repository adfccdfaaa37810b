import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { onTestFinished } from 'vitest'
import type { Clock } from '../../src/base/clock.js'

/** A preload for Node: the wall clock of its process is off by as many milliseconds as a file says, from then on. */
const PRELOAD = `
import { readFileSync } from 'node:fs'
const real = Date.now
let [offset, looked] = [0, 0]
Date.now = () => {
  const now = real()
  if (now - looked > 20) [offset, looked] = [Number(readFileSync(new URL('offset', import.meta.url), 'utf8')), now]
  return now + offset
}
`

/** The clock of one machine: of the processes that are started with `env`, and of this one where it is handed on. */
export class MovedClock implements Clock {
  readonly env: NodeJS.ProcessEnv
  readonly #folder: string
  #offsetMs = 0

  constructor() {
    this.#folder = mkdtempSync(path.join(tmpdir(), 'efs-clock-'))
    onTestFinished(() => rmSync(this.#folder, { recursive: true, force: true }))
    const preload = path.join(this.#folder, 'preload.mjs')
    writeFileSync(preload, PRELOAD)
    this.set(0)
    this.env = { NODE_OPTIONS: `--import=${pathToFileURL(preload)}` }
  }

  nowMs(): number {
    return Date.now() + this.#offsetMs
  }

  /** Sets it that far off the machine's. */
  set(offsetMs: number): void {
    this.#offsetMs = offsetMs
    const file = path.join(this.#folder, 'offset')
    writeFileSync(`${file}.new`, String(offsetMs))
    renameSync(`${file}.new`, file)
  }
}
