import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import { why } from '../../endpoints/directory/why.js'
import { failed, passed } from '../../model/finding.js'
import { rulesOfDirectory } from '../sync/filtering.js'
import { homesIn } from '../sync/own-home.js'
import { failedBy, type Outcome } from './outcome.js'

/** `mayBeMade`: where it is not there, the service makes it. `home`: that of the service. */
export async function directoryTest(directory: string, mayBeMade: boolean, home: string): Promise<Outcome> {
  const kind = await kindOf(directory)
  if (typeof kind === 'object') return kind
  if (kind === 'other') return failed('directory', `${directory} is no directory`, 'name another one')
  if (kind === 'directory')
    return leftAlone(directory, await writable(directory, `${directory} can be written to`), home)
  const above = path.dirname(directory)
  const kindAbove = await kindOf(above)
  if (typeof kindAbove === 'object') return kindAbove
  const absent = kindAbove !== 'directory' ? above : mayBeMade ? undefined : directory
  if (absent !== undefined) return failed('directory', `${absent} does not exist`, 'make it, or mount it')
  return writable(above, `${directory} would be made`)
}

async function writable(directory: string, text: string): Promise<Outcome> {
  try {
    await access(directory, constants.W_OK | constants.X_OK)
    return passed('directory', text)
  } catch (error) {
    const hint = systemCode(error) === 'EACCES' ? 'look at its owner and mode' : undefined
    return failed('directory', `${directory} cannot be written to: ${why(error)}`, hint)
  }
}

/** Where the `.efsignore` in it cannot be understood, or it is the home itself, the service does not run. */
function leftAlone(directory: string, found: Outcome, home: string): Outcome {
  if (found.outcome !== 'pass') return found
  try {
    homesIn(directory, [home])
    const rules = rulesOfDirectory(directory) ?? []
    return rules.length === 0 ? found : passed('directory', `${found.text}; rules of its .efsignore: ${rules.length}`)
  } catch (error) {
    return failedBy('directory', error)
  }
}

/** Or why that cannot be told. */
async function kindOf(place: string): Promise<'directory' | 'other' | 'none' | Outcome> {
  try {
    return (await stat(place)).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    const code = systemCode(error)
    if (code === 'ENOENT') return 'none'
    if (code === 'ENOTDIR') return 'other'
    const hint = code === 'EACCES' ? 'look at the owner and mode of the folders above it' : undefined
    return failed('directory', `${place} cannot be looked at: ${why(error)}`, hint)
  }
}
