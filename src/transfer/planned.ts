import type { ChunkRef } from '../model/chunk.js'
import { isFolderKey, ROOT_FOLDER } from '../model/key.js'
import type { PlannedStep } from '../model/plan.js'
import type { Step } from '../model/transfer.js'
import type { VersionRef } from '../model/version-ref.js'

type Missing = (refs: readonly ChunkRef[]) => Promise<readonly ChunkRef[]>
type Doing = Exclude<Step, { kind: 'keep' }>

export interface Cost {
  /** The sink writes every byte of what it is given. */
  readonly plain: boolean
  /** Which trees the sink lacks, where it can tell without a journey. */
  readonly missing?: Missing
}

/** A plan that people read has objects, and folders that come or go; that a folder gets another time goes without saying. */
export const isTold = (step: Step): step is Doing =>
  step.kind === 'delete' || (step.kind === 'copy' && step.key !== ROOT_FOLDER && !(isFolderKey(step.key) && step.there))

/** The steps that are told, as plain data, a page for a page; empty pages are left out. */
export async function* plannedSteps(
  steps: AsyncIterable<readonly Step[]>,
  cost: Cost,
): AsyncGenerator<readonly PlannedStep[]> {
  for await (const page of steps) {
    const told = page.filter(isTold)
    if (told.length === 0) continue
    const lacking = await lackingTrees(told, cost.missing)
    yield told.map((step) => plannedStep(step, cost.plain, lacking))
  }
}

async function lackingTrees(
  steps: readonly Doing[],
  missing: Missing | undefined,
): Promise<ReadonlySet<string> | undefined> {
  if (missing === undefined) return undefined
  const roots = steps.flatMap((step) => (step.kind === 'copy' && step.here.held?.root ? [step.here.held.root.ref] : []))
  return new Set((await missing(roots)).map(({ id }) => id))
}

/** `lacking`: ids of roots that the sink does not have; undefined where nobody asked. */
export function plannedStep(step: Doing, plain: boolean, lacking: ReadonlySet<string> | undefined): PlannedStep {
  const { key, there, conflict } = step
  const why = conflict === undefined ? {} : { conflict }
  if (step.kind === 'delete')
    return { do: 'delete', key, bytes: step.there.size, atMost: false, ...why, there: stateOf(step.there) }
  const { here } = step
  const seen = { here: stateOf(here), ...(there && { there: stateOf(there) }) }
  const root = here.held?.root?.ref.id
  const isThere = !plain && root !== undefined && lacking?.has(root) === false
  const isWhole = plain && step.thereRoot === undefined
  const isExact = isWhole || isThere || here.kind !== 'file' || (here.held !== undefined && root === undefined)
  return { do: 'put', key, bytes: isThere ? 0 : here.size, atMost: !isExact, ...why, ...seen }
}

const TIMES = ', changed at '

/** What people want to know of a state: times and inodes tell apart, and say nothing. */
export const shortState = (state: string): string => state.split(TIMES, 1)[0] ?? state

/** In words that are the same as long as it is. A folder is one whatever is in it. */
export function stateOf({ kind, size, mtimeNs, held, seen }: VersionRef): string {
  if (kind === 'folder') return 'a folder'
  if (held !== undefined) return `version ${held.id}`
  const times = seen === undefined ? `${mtimeNs}` : `${seen.mtimeNs} and ${seen.ctimeNs}, inode ${seen.inode}`
  return `a ${kind} of ${size} ${size === 1 ? 'byte' : 'bytes'}${TIMES}${times}`
}
