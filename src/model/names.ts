import { EfsError } from '../base/errors.js'
import { nameFault } from './name.js'
import type { NameKind } from './name-space.js'

/** The levels of the name space, from the top. */
export const NAME_KINDS: readonly NameKind[] = ['cluster', 'tenant', 'bucket']

/** How the name of each level is written, and one that people recognise. */
export const NAME_FORMS: Readonly<Record<NameKind, { readonly form: string; readonly example: string }>> = {
  cluster: { form: 'CLUSTER', example: 'Hawaii' },
  tenant: { form: 'CLUSTER/TENANT', example: 'Hawaii/Cola' },
  bucket: { form: 'CLUSTER/TENANT/BUCKET', example: 'Hawaii/Cola/bk1' },
}

/**
 * The text as the path of a cluster, tenant or bucket.
 * @throws USAGE, saying which rule it breaks
 */
export function parseName(kind: NameKind, text: string): string {
  const parts = text.split('/')
  const fault = parts.map(nameFault).find((why) => why !== undefined)
  if (fault !== undefined) throw noName(kind, text, ` (${fault})`)
  if (parts.length !== NAME_KINDS.indexOf(kind) + 1) throw noName(kind, text, '')
  return text
}

function noName(kind: NameKind, text: string, why: string): EfsError {
  const { form, example } = NAME_FORMS[kind]
  return new EfsError('USAGE', `not the name of a ${kind}: ${JSON.stringify(text.slice(0, 300))}${why}`, {
    hint: `write ${form}, as in ${example}`,
  })
}

/** What a path names, by the number of its parts. */
export const kindOfName = (path: string): NameKind => NAME_KINDS[path.split('/').length - 1] ?? 'bucket'

/** `''` for a cluster. */
export const parentOf = (path: string): string => path.slice(0, Math.max(0, path.lastIndexOf('/')))

export const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** `Hawaii`, `Hawaii/Cola` and `Hawaii/Cola/bk1` of the last: the path and all above it, from the top. */
export function lineOf(path: string): string[] {
  const parts = path.split('/')
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}
