import { type Filter, filterOf } from '../../model/filter.js'
import type { PlainRemote } from '../../model/remote.js'
import { IGNORE_FILE, rulesOfDirectory } from '../filtering.js'
import type { LinkRules } from '../link/rules.js'

/** What a mirror leaves alone at both sides: what the `.efsignore` of its directory says by now. @throws USAGE, IO */
export function leftAlone(remote: PlainRemote, { receives }: Pick<LinkRules, 'receives'>): Filter | undefined {
  const rules = remote.kind === 'directory' ? rulesOfDirectory(remote.path) : undefined
  if (rules === undefined) return undefined
  // Where nothing is taken in, the bucket has no such file: it would be deleted, and then what it protects.
  return filterOf({ rules: receives ? rules : [{ keep: false, pattern: `/${IGNORE_FILE}` }, ...rules] })
}
