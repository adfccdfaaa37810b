/** `name: value` lines; names in the old tool's spelling (`number-of-versions`). What is unknown or empty has no line. */
export function rowsText(rows: Readonly<Record<string, unknown>>): string {
  return Object.entries(rows)
    .filter(([, value]) => value !== undefined && value !== null && value !== '')
    .map(([name, value]) => `${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}: ${String(value)}\n`)
    .join('')
}
