import type { Grants, Rights } from '../../model/link.js'
import type { Service } from '../../model/service.js'
import { canReceive, canSend } from '../../service/isgw.js'
import { shownValue } from '../../service/service.js'

/** What a peer may do that a service lets in: what the service serves, or else everything, as its direction has it. */
export function grantsOf(service: Service): Grants {
  const direction = shownValue(service, 'X-ISGW-Direction')
  const rights: Rights = { read: canSend(direction), write: canReceive(direction) }
  if (service.served.length === 0) return { '*': rights }
  return Object.fromEntries(
    service.served.map(({ path, pause }) => [path, { ...rights, read: rights.read && !pause }] as const),
  )
}

const NONE: Rights = { read: false, write: false }

/** For a bucket, a tenant or a cluster: what is granted for it, or for what it is in; the most exact counts. */
export function rightsTo(path: string, grants: Grants): Rights {
  const parts = path.split('/')
  for (let length = parts.length; length > 0; length--) {
    const above = parts.slice(0, length).join('/')
    const found = Object.hasOwn(grants, above) ? grants[above] : undefined
    if (found !== undefined) return found
  }
  return grants['*'] ?? NONE
}

/** Whether a name may be known: it is granted, or something in it is. */
export function isVisible(path: string, grants: Grants): boolean {
  const { read, write } = rightsTo(path, grants)
  return read || write || Object.keys(grants).some((granted) => granted.startsWith(`${path}/`))
}

/** What any of them grants. */
export function joinGrants(all: readonly Grants[]): Grants {
  const joined: Record<string, Rights> = {}
  for (const path of new Set(all.flatMap((grants) => Object.keys(grants)))) {
    const rights = all.map((grants) => rightsTo(path, grants))
    joined[path] = { read: rights.some(({ read }) => read), write: rights.some(({ write }) => write) }
  }
  return joined
}
