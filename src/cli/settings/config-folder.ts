import path from 'node:path'
import { ownFolder } from '../../base/own-folder.js'

/** `$XDG_CONFIG_HOME/efs`, else `~/.config/efs`. */
export const configOf = (env: NodeJS.ProcessEnv): string =>
  path.join(env.XDG_CONFIG_HOME || path.join(ownFolder(), '.config'), 'efs')
