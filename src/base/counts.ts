/**
 * A whole number as English has it: `8,114`. `toLocaleString` says the same, but the first call of a process loads the data of
 * languages, which takes 25 ms.
 */
export const countText = (n: number): string => String(n).replace(/\B(?=(?:\d{3})+$)/g, ',')

/** `1 file`, `8,114 files`. */
export const countOf = (n: number, one: string, many = `${one}s`): string => `${countText(n)} ${n === 1 ? one : many}`
