import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { type Block, type Step, stepsOf } from './blocks.js'
import { idsOf, isShown, mayFail } from './console.js'
import { type Furnishing, Machine } from './machine.js'
import { StandIns } from './stand-ins.js'

export interface Surroundings extends Furnishing {
  /** What a machine has before its first command, as a shell script. */
  readonly before: (host: string) => string
  readonly s3Keys?: string
}

/**
 * Types what stands in those blocks of a page, and compares what is said with what the page shows.
 * @returns how many lines that were
 */
export async function typePage(file: string, blocks: readonly Block[], around: Surroundings): Promise<number> {
  const desk = new Desk(around)
  const steps = blocks.flatMap(stepsOf)
  for (const [at, step] of steps.entries()) await desk.type(step, mayFail(step, steps[at + 1]), `${file}:${step.line}`)
  return steps.length
}

/** The machines of a page, by the name before the `$`. */
class Desk {
  readonly #dir = mkdtempSync(path.join(tmpdir(), 'efs-docs-'))
  readonly #machines = new Map<string, { machine: Machine; stand: StandIns }>()
  readonly #ids: [string, string][] = []

  constructor(readonly around: Surroundings) {
    onTestFinished(() => {
      for (const { machine } of this.#machines.values()) machine.end()
      rmSync(this.#dir, { recursive: true, force: true })
    })
  }

  async type(step: Step, failing: 'yes' | 'must' | 'no', where: string): Promise<void> {
    const { machine, stand } = await this.#at(step.host)
    for (const [named, real] of this.#ids) stand.bind(named, real)
    const said = await machine.run(
      stand.real(step.command),
      step.typed.map((line) => stand.real(line)),
    )
    const lines = said.lines.map((line) => stand.named(line))
    const told = `${where}: ${step.command}\nexit ${said.status}\n${lines.join('\n')}`
    if (failing !== 'yes') expect.soft(said.status !== 0, told).toBe(failing === 'must')
    if (step.shown.length === 0) return
    expect.soft(isShown(step.shown, lines), `${told}\n--- is not what is shown:\n${step.shown.join('\n')}`).toBe(true)
    this.#ids.push(...idsOf(step.shown, lines))
  }

  async #at(host: string): Promise<{ machine: Machine; stand: StandIns }> {
    const known = this.#machines.get(host)
    if (known) return known
    const { before, s3Keys, ...furnishing } = this.around
    const dir = path.join(this.#dir, host === '' ? 'here' : host)
    const made = { machine: new Machine(dir, furnishing), stand: new StandIns(dir, s3Keys) }
    this.#machines.set(host, made)
    expect(await made.machine.run(before(host)), host).toMatchObject({ status: 0 })
    return made
  }
}
