import { EfsError } from '../../base/errors.js'
import type { Baseline } from '../../model/baseline.js'
import type { Endpoint, Parked } from '../../model/endpoint.js'
import { type ObjectKey, ROOT_FOLDER } from '../../model/key.js'

/** A directory in which something may be mounted, and what is known of it. */
export interface MountsOf {
  readonly directory: Endpoint & Required<Pick<Endpoint, 'mounts'>>
  readonly baseline: Baseline
  /** What somebody types who means it. */
  readonly meant: string
}

/** How what is mounted in a directory fits what is known of it. */
export interface Mounts {
  /** Folders of which nothing is inferred, and nothing brought: what was taken in there is not what is there now. */
  readonly leftOut: readonly Parked[]
  /** @throws CONFLICT where by now something else is mounted: what was listed in between says nothing */
  stands(): void
}

/** @throws NOT_FOUND where the directory itself was a mount point, and is none now */
export async function lookAtMounts(of: MountsOf): Promise<Mounts> {
  return found(of, await compare(of))
}

/** As `lookAtMounts`, and remembers what is mounted for the runs to come. `force`: whatever was, it is now as it should be. */
export async function takeMounts(of: MountsOf, force: boolean): Promise<Mounts> {
  const compared = await compare(of)
  const { gone, over, fresh } = compared
  if (force) {
    await of.baseline.putMounts([...over, ...fresh], gone)
    return found(of, { ...compared, gone: [], over: [] })
  }
  await of.baseline.putMounts(fresh, [])
  return found(of, compared)
}

interface Compared {
  readonly mounted: readonly ObjectKey[]
  /** Where something was mounted, and nothing is now. */
  readonly gone: readonly ObjectKey[]
  /** What is mounted where nothing was: over a folder of which it hides what is known to be in it, or over one of which nothing is. */
  readonly over: readonly ObjectKey[]
  readonly fresh: readonly ObjectKey[]
}

async function compare({ directory, baseline }: MountsOf): Promise<Compared> {
  const mounted = directory.mounts()
  const before = await baseline.mounts()
  const over: ObjectKey[] = []
  const fresh: ObjectKey[] = []
  for (const key of mounted) {
    if (before.includes(key)) continue
    if (key !== ROOT_FOLDER && (await isFilled(baseline, key))) over.push(key)
    else fresh.push(key)
  }
  return { mounted, gone: before.filter((key) => !mounted.includes(key)), over, fresh }
}

function found(of: MountsOf, { gone, over, mounted }: Compared): Mounts {
  if (gone.includes(ROOT_FOLDER)) throw unmounted(of)
  return { leftOut: [...gone.map(goneFrom(of)), ...over.map(mountedOver(of))], stands: standsFor(of, mounted) }
}

async function isFilled(baseline: Baseline, folder: ObjectKey): Promise<boolean> {
  for await (const rows of baseline.scan({ prefix: folder })) if (rows.some(({ key }) => key !== folder)) return true
  return false
}

const standsFor =
  ({ directory }: MountsOf, mounted: readonly ObjectKey[]) =>
  (): void => {
    const now = directory.mounts()
    const [other] = [...now.filter((key) => !mounted.includes(key)), ...mounted.filter((key) => !now.includes(key))]
    if (other === undefined) return
    throw new EfsError(
      'CONFLICT',
      `what is mounted at ${other} in ${directory.label} changed while it was gone through`,
      {
        hint: 'nothing is deleted for that: run again',
      },
    )
  }

const goneFrom =
  ({ meant }: MountsOf) =>
  (key: ObjectKey): Parked => ({
    key,
    why: `no file system is mounted here any more, so it is left as it was: mount it again, or if it is to stay so: ${meant}`,
  })

const mountedOver =
  ({ meant }: MountsOf) =>
  (key: ObjectKey): Parked => ({
    key,
    why: `a file system was mounted over what was in it, so it is left as it was: unmount it, or if it is to stay so: ${meant}`,
  })

const unmounted = ({ directory: { label }, meant }: MountsOf): EfsError =>
  new EfsError('NOT_FOUND', `no file system is mounted at ${label} any more`, {
    hint: `mount it again, or if it is to stay so: ${meant}`,
  })
