import { fieldsOrNone, jsonOf } from '../../base/json-fields.js'
import type { Documents } from '../../model/documents.js'
import { isRunning, type ProcessIdentity, processOf, thisProcess } from '../../store/process-identity.js'

const NAME = 'writers'
/** Those that were noted first are forgotten first: what they claimed is waited for then. */
const WRITERS_MAX = 64

/** Who claims in the name of a cache; null: nobody does any more, and claims may have been left. */
interface Note {
  readonly writer: string
  readonly process: ProcessIdentity | null
}

/** Writers that are gone, and may have left claims behind. */
export const writersGone = (running: Documents, home: string): string[] =>
  parse(running.read(NAME))
    .filter(({ process }) => process === null || !isRunning(process, home))
    .map(({ writer }) => writer)

/** This process writes under that name from now on; nothing is left of those that are `gone`. */
export const noteWriter = (running: Documents, writer: string, gone: readonly string[]): Promise<void> =>
  change(running, (notes) => [
    ...notes.filter((note) => !gone.includes(note.writer)),
    { writer, process: thisProcess() },
  ])

/** Nobody writes under that name any more. */
export const noteEnd = (running: Documents, writer: string, leavesClaims: boolean): Promise<void> =>
  change(running, (notes) => {
    const others = notes.filter((note) => note.writer !== writer)
    return leavesClaims ? [...others, { writer, process: null }] : others
  })

const change = (running: Documents, to: (notes: readonly Note[]) => readonly Note[]): Promise<void> =>
  running.change(NAME, (text) => {
    const notes = to(parse(text)).slice(-WRITERS_MAX)
    return { after: notes.length === 0 ? undefined : JSON.stringify({ writers: notes }), result: undefined }
  })

/** What cannot be read says nothing: it only saves waiting. */
function parse(text: string | undefined): Note[] {
  const { writers } = fieldsOrNone(jsonOf(text ?? ''))
  return Array.isArray(writers) ? writers.flatMap(noteOf) : []
}

function noteOf(value: unknown): Note[] {
  const { writer, process } = fieldsOrNone(value)
  if (typeof writer !== 'string' || !/^[0-9a-f]{32}$/.test(writer)) return []
  if (typeof process !== 'object' || process === null) return [{ writer, process: null }]
  const owner = processOf(process)
  return owner === undefined ? [] : [{ writer, process: owner }]
}
