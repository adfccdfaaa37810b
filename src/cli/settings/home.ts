import { ownFolder } from '../../base/own-folder.js'

/** A folder below the user's own is shown from `~`. */
export function shortHome(home: string): string {
  const own = ownFolder()
  return home === own || home.startsWith(`${own}/`) ? `~${home.slice(own.length)}` : home
}
