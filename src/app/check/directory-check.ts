import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import path from 'node:path'
import { systemCode } from '../../base/errors.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import { missing } from '../buckets.js'
import { failed, failedBy, type Outcome, passed } from './outcome.js'

/** Of a service with a directory as its peer. */
export async function* directoryTests(
  { names }: Segment,
  service: Service,
  directory: string,
): AsyncGenerator<Outcome> {
  yield await directoryTest(directory)
  const [served] = service.served
  if (served === undefined) {
    yield failed('buckets', 'it serves none', `efs bucket attach BUCKET ${service.name}`)
  } else if (names.find(served.path)?.kind === 'bucket') yield passed('buckets', `${served.path} is here`)
  else yield failedBy('buckets', missing(names, served.path))
}

async function directoryTest(directory: string): Promise<Outcome> {
  const kind = await kindOf(directory)
  if (kind === 'other') return failed('directory', `${directory} is no directory`, 'name another one')
  if (kind === 'directory') return writable(directory, `${directory} can be written to`)
  const above = path.dirname(directory)
  if ((await kindOf(above)) !== 'directory')
    return failed('directory', `${above} does not exist`, 'make it, or mount it')
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

async function kindOf(place: string): Promise<'directory' | 'other' | 'none'> {
  try {
    return (await stat(place)).isDirectory() ? 'directory' : 'other'
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return 'none'
    return 'other'
  }
}
