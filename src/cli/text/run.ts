import type { ShownRun } from '../../app/runs/undo.js'
import type { Screen } from '../screen/screen.js'
import { rowsText, spelled } from './rows.js'
import { tableText } from './table.js'

/** A run as JSON has it. */
export const runJson = ({ run, bucket, from, startedMs, endedMs, changes, undoes, undoneBy }: ShownRun) => ({
  run,
  bucket,
  from,
  started: new Date(startedMs).toISOString(),
  ended: new Date(endedMs).toISOString(),
  changes,
  undoes: undoes ?? null,
  undoneBy: undoneBy ?? null,
})

export type RunJson = ReturnType<typeof runJson>

/** `3 2026-01-31T12:00:00.000Z 8114 Hawaii/Cola/bk1 /home/me/photos`, in columns. */
export const runTable = (runs: readonly RunJson[], page: Screen): Promise<string> =>
  tableText(
    runs.map(({ run, started, changes, bucket, from, undoes }) => {
      const source = undoes === null ? from : `undoes ${undoes}`
      return [String(run), started, String(changes), bucket, source]
    }),
    [
      { align: 'right' },
      { align: 'left' },
      { align: 'right' },
      { align: 'left', cut: true },
      { align: 'left', cut: true },
    ],
    page,
  )

export const runRows = (shown: RunJson): string =>
  rowsText(Object.entries(shown).map(([name, value]) => [spelled(name), value ?? '-']))
