import { type Filter, filterOf } from '../../model/filter.js'
import type { PlainRemote } from '../../model/remote.js'
import type { LinkRules } from '../link/rules.js'
import { IGNORE_FILE, rulesOfDirectory } from '../sync/filtering.js'
import { homesIn, ruleForHome } from '../sync/own-home.js'

/** What a mirror leaves alone at both sides: the home, and what the `.efsignore` of its directory says by now. @throws USAGE, IO */
export function leftAlone(
  remote: PlainRemote,
  { receives }: Pick<LinkRules, 'receives'>,
  home: string,
): Filter | undefined {
  if (remote.kind !== 'directory') return undefined
  const ofHome = homesIn(remote.path, [home]).map(ruleForHome)
  const rules = rulesOfDirectory(remote.path)
  if (rules === undefined) return filterOf({ rules: ofHome })
  // Where nothing is taken in, the bucket has no such file: it would be deleted, and then what it protects.
  const ofFile = receives ? [] : [{ keep: false, pattern: `/${IGNORE_FILE}` }]
  return filterOf({ rules: [...ofHome, ...ofFile, ...rules] })
}
