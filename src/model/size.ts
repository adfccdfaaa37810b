const UNITS = ['', 'K', 'M', 'G', 'T', 'P']

/** `8192`, `8K`, `1.5G`, `10MiB`: whole bytes, 1024-based; undefined where the text is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGTP]?)(?:i?B)?$/i.exec(text)
  const bytes = Math.floor(Number(match?.[1]) * 1024 ** UNITS.indexOf((match?.[2] ?? '').toUpperCase()))
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest text that `parseSize` takes for it. */
export function sizeText(bytes: number): string {
  let unit = 0
  while (bytes > 0 && bytes % 1024 ** (unit + 1) === 0 && unit < UNITS.length - 1) unit++
  return `${bytes / 1024 ** unit}${UNITS[unit]}`
}
