import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import { failed, passed } from '../../model/finding.js'
import { rulesOfDirectory } from '../sync/filtering.js'
import { homesIn } from '../sync/own-home.js'
import { failedBy, type Outcome } from './outcome.js'

/** `mayBeMade`: where it is not there, the service makes it. `home`: that of the service. */
export async function directoryTest(directory: string, mayBeMade: boolean, home: string): Promise<Outcome> {
  const kind = await kindOf(directory)
  if (kind === 'other') return failed('directory', `${directory} is no directory`, 'name another one')
  if (kind === 'directory')
    return leftAlone(directory, await writable(directory, `${directory} can be written to`), home)
  const above = path.dirname(directory)
  const absent = (await kindOf(above)) !== 'directory' ? above : mayBeMade ? undefined : directory
  if (absent !== undefined) return failed('directory', `${absent} does not exist`, 'make it, or mount it')
  return writable(above, `${directory} would be made`)
}

async function writable(directory: string, text: string): Promise<Outcome> {
  try {
    await access(directory, constants.W_OK | constants.X_OK)
    return passed('directory', text)
  } catch {
    return failed('directory', `${directory} cannot be written to`, 'look at its owner and mode')
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

async function kindOf(place: string): Promise<'directory' | 'other' | 'none'> {
  try {
    return (await stat(place)).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none'
    return 'other'
  }
}
