import type { VersionRef } from '../../model/version-ref.js'
import type { Screen } from '../screen/screen.js'
import { besideText } from './table.js'

/** A version as JSON has it. */
export interface VersionJson {
  readonly key: string
  readonly kind: string
  readonly size: number
  readonly version: string | null
  readonly contentHash: string | null
  /** ISO 8601, UTC: when this version was written. */
  readonly written: string | null
  /** ISO 8601, UTC: the file's own time. */
  readonly mtime: string | null
  /** Nanoseconds since 1970, as a decimal string. */
  readonly mtimeNs: string | null
  /** Octal. */
  readonly mode: string | null
  readonly segment: string | null
  readonly conflict: boolean
}

export function versionJson({ key, kind, size, mode, mtimeNs, held }: VersionRef): VersionJson {
  return {
    key,
    kind,
    size,
    version: held?.id ?? null,
    contentHash: held?.contentHash ?? null,
    written: held === undefined ? null : isoOfMicroseconds(held.stamp.time),
    mtime: mtimeNs === undefined ? null : isoOfNanoseconds(mtimeNs),
    mtimeNs: mtimeNs === undefined ? null : mtimeNs.toString(),
    mode: mode === undefined ? null : modeText(mode),
    segment: held?.stamp.segment ?? null,
    conflict: (held?.tips ?? 1) > 1,
  }
}

/** `size time version key`, in columns; on a narrow terminal time and version are shorter. */
export function versionLine(ref: VersionRef, page: Screen): string {
  const iso = ref.mtimeNs === undefined ? isoOfMicroseconds(ref.held?.stamp.time ?? 0) : isoOfNanoseconds(ref.mtimeNs)
  const { columns = Number.POSITIVE_INFINITY } = page
  const [isNarrow, isTiny] = [columns < NARROW, columns < TINY]
  const time = isTiny ? iso.replace(/T.*$/, '') : isNarrow ? iso.replace(/:\d\d\.\d+Z$/, 'Z') : iso
  const version = ref.held?.id.slice(0, isNarrow ? 8 : 16) ?? ''
  const size = ref.kind === 'deleted' ? 'deleted' : String(ref.size)
  return besideText(`${size.padStart(isTiny ? 9 : 12)} ${time} ${version}`, ref.key, page)
}

const NARROW = 100
const TINY = 52

export const modeText = (mode: number): string => mode.toString(8).padStart(4, '0')

export const isoOfMicroseconds = (time: number): string => new Date(Math.floor(time / 1000)).toISOString()

const isoOfNanoseconds = (time: bigint): string => new Date(Number(time / 1_000_000n)).toISOString()
