import type { BucketBytes } from '../../app/system/bucket-bytes.js'
import { countOf } from '../../base/counts.js'
import type { Screen } from '../screen/screen.js'
import { bytesText } from './amounts.js'
import { type Bar, barsText } from './bars.js'
import { rowsText } from './rows.js'

/** Where the bytes of a bucket are: drawn on a terminal, else as `name: value` lines. */
export function usageText(usage: BucketBytes, page: Screen): string {
  const groups = [amounts(usage), prefixes(usage)].filter((bars) => bars.length > 0)
  if (page.columns !== undefined) return groups.map((bars) => `\n${barsText(bars, page)}`).join('')
  return rowsText(
    groups.flat().map(({ name, bytes, note }) => {
      const more = note === undefined ? '' : `, ${note}`
      return [name, `${bytes} (${bytesText(bytes)}${more})`] as const
    }),
  )
}

function amounts({ logical, unique, compressed, older }: BucketBytes): Bar[] {
  const share = (bytes: number): { note?: string } =>
    logical === 0 ? {} : { note: `${Math.round((bytes / logical) * 100)} %` }
  return [
    { name: 'logical', bytes: logical },
    { name: 'unique', bytes: unique, ...share(unique) },
    { name: 'compressed', bytes: compressed, ...share(compressed) },
    ...(older === 0 ? [] : [{ name: 'older versions', bytes: older }]),
  ]
}

const prefixes = ({ prefixes: top, others }: BucketBytes): Bar[] => [
  ...top.map(({ prefix, bytes, objects }) => ({
    name: prefix || 'no folder',
    bytes,
    note: countOf(objects, 'object'),
  })),
  ...(others.prefixes === 0
    ? []
    : [{ name: `${others.prefixes} others`, bytes: others.bytes, note: countOf(others.objects, 'object') }]),
]
