const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const

/** `402 MiB`, `1.21 GiB`, `17 B`: three digits at most, 1024-based. */
export function bytesText(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < UNITS.length - 1) {
    value /= 1024
    unit++
  }
  const digits = unit === 0 || value >= 100 ? 0 : value >= 10 ? 1 : 2
  return `${value.toFixed(digits)} ${UNITS[unit]}`
}

/** Seconds as JSON has them: to the millisecond. */
export const rounded = (seconds: number): number => Math.round(seconds * 1000) / 1000

/** `0.2 s`, `41 s`, `3 min 20 s`. */
export function secondsText(seconds: number): string {
  if (seconds < 10) return `${seconds.toFixed(1)} s`
  if (seconds < 120) return `${Math.round(seconds)} s`
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`
}

/** Of what nobody can tell more exactly, and is a second at least: `1 s`, `41 s`, `3 min`, `5 h`. */
export function aboutText(seconds: number): string {
  if (seconds < 100) return `${Math.round(seconds)} s`
  const minutes = Math.round(seconds / 60)
  return minutes < 100 ? `${minutes} min` : `${Math.round(minutes / 60)} h`
}

/** A digest as people read it to each other: groups of four; `more` stands for the rest. */
export const digestText = (hex: string, more: string): string =>
  `${(hex.slice(0, 16).match(/.{4}/g) ?? []).join(' ')} ${more}`
