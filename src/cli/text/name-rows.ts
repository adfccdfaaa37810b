import type { NameShown } from '../../app/system/names.js'
import { bytesText } from './amounts.js'
import { spelled } from './rows.js'

/** What `show --json` prints: the words of the rows, and settings with where they come from. */
export const nameDocument = ({ createdMs, counters, digests, usage, ...shown }: NameShown) => ({
  ...shown,
  created: new Date(createdMs).toISOString(),
  ...counters,
  ...digests,
  ...(usage === undefined ? {} : { usage }),
})

export type NameDocument = ReturnType<typeof nameDocument>

/** The same as `name: value` rows; what follows a value in parentheses is said for people. */
export function nameRows({
  settings,
  kind: _kind,
  usage: _usage,
  ...others
}: NameDocument): [string, string | number][] {
  const rows = Object.entries(others).map(([field, value]): [string, string | number] => [
    spelled(field),
    field === 'bytes' ? `${value} (${bytesText(Number(value))})` : value,
  ])
  const set = Object.entries(settings).map(([field, { value, from }]): [string, string] => {
    const where = from === others.path ? '' : from === 'default' ? ' (default)' : ` (from ${from})`
    return [field.startsWith('X-') ? field : spelled(field), `${value}${where}`]
  })
  return [...rows, ...set]
}
