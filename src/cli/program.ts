import { fileURLToPath } from 'node:url'

/** The file that is `efs`. */
export const PROGRAM = fileURLToPath(new URL('../../../bin/efs.js', import.meta.url))
