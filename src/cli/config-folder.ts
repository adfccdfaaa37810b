import { homedir } from 'node:os'
import path from 'node:path'

/** `$XDG_CONFIG_HOME/efs`, else `~/.config/efs`. */
export const configOf = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_CONFIG_HOME || path.join(homedir(), '.config'), 'efs')
