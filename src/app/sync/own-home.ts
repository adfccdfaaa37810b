import { existsSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import type { FilterRule } from '../../model/filter.js'
import { literalPattern } from '../../model/filter-pattern.js'

/** Where in that directory homes stand, as paths below it. @throws USAGE where the directory itself is one */
export function homesIn(directory: string, homes: readonly string[]): string[] {
  const top = realOf(directory)
  return [...new Set(homes.map(realOf))].flatMap((home) => {
    const parts = path.relative(top, home).split(path.sep)
    if (parts[0] === '') throw isHome(directory)
    return parts[0] === '..' ? [] : [parts.join('/')]
  })
}

/**
 * Leaves a home alone: its files change as it is used, and put back as they were they would be another segment than the one that its processes
 * know.
 */
export const ruleForHome = (below: string): FilterRule => ({ keep: false, pattern: `/${literalPattern(below)}` })

/** What is not there yet holds nothing. */
const realOf = (folder: string): string => (existsSync(folder) ? realpathSync(folder) : path.resolve(folder))

const isHome = (directory: string): EfsError =>
  new EfsError('USAGE', `${directory} is the home of a segment, not data`, {
    hint: 'name another folder; a home is copied while no efs uses it, or its buckets with efs sync',
  })
