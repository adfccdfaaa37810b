import { homedir } from 'node:os'

/** A folder below the user's own is shown from `~`. */
export function shortHome(home: string): string {
  const own = homedir()
  return home === own || home.startsWith(`${own}/`) ? `~${home.slice(own.length)}` : home
}
