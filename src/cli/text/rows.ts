/** `name: value` lines. */
export const rowsText = (rows: readonly (readonly [name: string, value: string | number])[]): string =>
  rows.map(([name, value]) => `${name}: ${value}\n`).join('')

/** `digestFull` as people and flags spell it: `digest-full`. */
export const spelled = (field: string): string => field.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
