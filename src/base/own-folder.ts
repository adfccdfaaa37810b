import { homedir } from 'node:os'
import path from 'node:path'

/** The user's own folder; `/` where the system knows none, as of a user that a container has made up. */
export function ownFolder(): string {
  try {
    return homedir() || '/'
  } catch {
    return '/'
  }
}

/** `~` and `~/…`, which a shell leaves as they are where they do not begin a word: behind `--home=`, behind `segment:`. */
export const fromOwn = (folder: string): string =>
  folder === '~' || folder.startsWith('~/') ? path.join(ownFolder(), folder.slice(1)) : folder
