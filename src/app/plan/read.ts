import { createReadStream, statSync } from 'node:fs'
import { EfsError } from '../../base/errors.js'
import { type Fields, fieldsOf, listOf, textOf, timeOf } from '../../base/json-fields.js'
import type { FilterSpec } from '../../model/filter.js'
import { objectKey } from '../../model/key.js'
import type { PlanHead, PlannedSide, PlannedStep, PlanOptions } from '../../model/plan.js'
import type { Guard } from '../../model/transfer.js'
import { notAPlan, PlanScan } from './scan.js'

/** The head of a plan. @throws USAGE, NEWER_FORMAT, NOT_FOUND, IO */
export async function readPlanHead(file: string): Promise<PlanHead> {
  requireFile(file)
  const scan = new PlanScan()
  for await (const piece of piecesOf(file)) {
    scan.feed(piece)
    if (scan.head !== undefined) return orNoPlan(() => headOf(fieldsOf(scan.head)))
  }
  throw notAPlan()
}

/** The steps of a plan in their order, a page at a time. @throws USAGE where they are not whole; NOT_FOUND, IO */
export async function* readPlanSteps(file: string): AsyncGenerator<readonly PlannedStep[]> {
  const scan = new PlanScan()
  let count = 0
  for await (const piece of piecesOf(file)) {
    const steps = scan.feed(piece)
    count += steps.length
    yield steps.map((step) => orNoPlan(() => stepOf(fieldsOf(step))))
  }
  scan.end()
  const told = orNoPlan(() => timeOf(fieldsOf(fieldsOf(scan.tail).summary).steps))
  if (told !== count) throw notAPlan()
}

/** A plan is read more than once. @throws NOT_FOUND; USAGE for what can be read only once, and for a folder */
function requireFile(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false })
  if (found?.isFile()) return
  if (found === undefined && file !== '-')
    throw new EfsError('NOT_FOUND', `no such file: ${file}`, { hint: 'check the path' })
  throw new EfsError('USAGE', `a plan is read more than once, so it is to be a file: ${file} is none`, {
    hint: 'efs plan SRC DST --json > plan.json, then efs apply plan.json',
  })
}

async function* piecesOf(file: string): AsyncGenerator<string> {
  try {
    for await (const piece of createReadStream(file, { encoding: 'utf8' })) yield String(piece)
  } catch (cause) {
    if (cause instanceof EfsError) throw cause
    throw new EfsError('IO', `cannot read ${file}`, { hint: 'name a file that efs plan --json has written', cause })
  }
}

function orNoPlan<T>(read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof TypeError) throw notAPlan(cause)
    throw cause
  }
}

function headOf(fields: Fields): PlanHead {
  const format = timeOf(fields.efsPlan)
  if (format > 1)
    throw new EfsError('NEWER_FORMAT', `the plan has format ${format}, this efs knows 1`, { hint: 'use a newer efs' })
  if (format !== 1) throw new TypeError('format')
  const options = optionsOf(fieldsOf(fields.options))
  return { efsPlan: 1, made: textOf(fields.made), from: sideOf(fields.from), to: sideOf(fields.to), options }
}

/** Its position is for people. */
function sideOf(value: unknown): PlannedSide {
  const { address, identity } = fieldsOf(value)
  return { address: textOf(address), identity: textOf(identity) }
}

function optionsOf(fields: Fields): PlanOptions {
  const { maxDelete, atMs, filter } = fields
  return {
    delete: fields.delete === true,
    checksum: fields.checksum === true,
    force: fields.force === true,
    ...(maxDelete === undefined ? {} : { maxDelete: maxDeleteOf(fieldsOf(maxDelete)) }),
    ...(atMs === undefined ? {} : { atMs: numberOf(atMs) }),
    ...(filter === undefined ? {} : { filter: filterOf(fieldsOf(filter)) }),
  }
}

const maxDeleteOf = ({ count, percent }: Fields): NonNullable<Guard['maxDelete']> =>
  count === undefined ? { percent: numberOf(percent) } : { count: timeOf(count) }

function filterOf(fields: Fields): FilterSpec {
  const bounds: { -readonly [K in 'bytesLeast' | 'bytesMost' | 'changedSinceMs' | 'changedUntilMs']?: number } = {}
  for (const name of ['bytesLeast', 'bytesMost', 'changedSinceMs', 'changedUntilMs'] as const)
    if (fields[name] !== undefined) bounds[name] = numberOf(fields[name])
  const rules = listOf(fields.rules, ({ keep, pattern }) => ({ keep: keep === true, pattern: textOf(pattern) }))
  return { rules, ...bounds }
}

function stepOf(fields: Fields): PlannedStep {
  const { do: what, key, bytes, atMost, here, there } = fields
  if (what !== 'put' && what !== 'delete') throw new TypeError('do')
  return {
    do: what,
    key: objectKey(textOf(key)),
    bytes: timeOf(bytes),
    atMost: atMost === true,
    ...(here === undefined ? {} : { here: textOf(here) }),
    ...(there === undefined ? {} : { there: textOf(there) }),
  }
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') throw new TypeError('not a number')
  return value
}
