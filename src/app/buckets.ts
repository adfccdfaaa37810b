import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { nearest } from '../base/nearest.js'
import type { ObjectKey } from '../model/key.js'
import type { Named, NameSpace } from '../model/name-space.js'
import { lineOf } from '../model/names.js'
import { inherited, isChunkSize, type Settings, type Storing } from '../model/settings.js'

/** The bucket of that path. @throws NOT_FOUND, with the nearest that there is */
export function findBucket(names: NameSpace, path: string): Named {
  const found = names.find(path)
  if (found?.kind === 'bucket') return found
  throw missing(names, path)
}

/** "Not found" for a name, saying how far its path leads and what was meant. */
export function missing(names: NameSpace, path: string): EfsError {
  const parts = path.split('/')
  let parent = ''
  for (const [depth, part] of parts.entries()) {
    const here = parent === '' ? part : `${parent}/${part}`
    if (names.find(here) === undefined) {
      const children = names.children(parent).map((child) => child.path)
      const close = nearest(here, children)
      const kind = (['cluster', 'tenant', 'bucket'] as const)[depth] ?? 'name'
      const has =
        children.length === 0
          ? `there is none yet: efs ${kind} create ${here}`
          : `there is ${children.slice(0, 5).join(', ')}`
      return new EfsError('NOT_FOUND', `no ${kind} ${here}`, { hint: close ? `did you mean ${close}?` : has })
    }
    parent = here
  }
  return new EfsError('NOT_FOUND', `no bucket ${path}`)
}

/** What holds for a name: its own settings over those of its parents. */
export function effectiveSettings(names: NameSpace, path: string): Settings {
  return inherited(lineOf(path).map((above) => names.find(above)?.settings ?? {}))
}

/** How new content of a bucket is cut and kept. A size that nothing can be cut by counts as none: a home of before may have been given one by a peer. */
export function storingOf(settings: Settings): Storing {
  const { chunkSize = LIMITS.chunkBytesDefault } = settings
  return {
    chunking: {
      kind: settings.options?.chunking === 'fixed' ? 'fixed' : 'fastcdc',
      bytes: isChunkSize(chunkSize) ? chunkSize : LIMITS.chunkBytesDefault,
    },
    compress: settings.options?.compression !== 'off',
  }
}

/** An object that a bucket did not take in. */
export function leftOut({ path, settings }: Named, key: ObjectKey, why: string): EfsError {
  const { quota, quotaCount } = settings
  const flags = [...(quota === undefined ? [] : ['-q SIZE']), ...(quotaCount === undefined ? [] : ['--quota-count N'])]
  const raise = `raise it with efs bucket set ${path} ${flags.join(' ')}, or delete something`
  return new EfsError('PARTLY', `${path}/${key}: ${why}`, flags.length === 0 ? {} : { hint: raise })
}
