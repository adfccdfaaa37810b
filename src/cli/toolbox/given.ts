import { beforeStop } from '../argv.js'
import type { GlobalFlags } from '../command/base.js'

/** Flags that hold for each command, each with its value behind it. */
export type Given = readonly (readonly [flag: string, ...value: string[]])[]

export const givenOf = ({ home, json, quiet, verbose, 'no-color': plain }: GlobalFlags): Given => [
  ...(home === undefined ? [] : [['--home', home] as const]),
  ...(json ? [['--json'] as const] : []),
  ...(quiet ? [['--quiet'] as const] : []),
  ...(verbose ? [['--verbose'] as const] : []),
  ...(plain ? [['--no-color'] as const] : []),
]

/** A command line with the flags that are given to all, where it has not its own. */
export function withGiven(given: Given, words: readonly string[]): string[] {
  const before = beforeStop(words)
  const lacking = given.filter(([flag]) => !before.some((word) => word === flag || word.startsWith(`${flag}=`)))
  return [...lacking.flat(), ...words]
}
