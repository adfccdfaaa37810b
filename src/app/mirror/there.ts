import { statSync } from 'node:fs'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { FolderWatch, WatchEvents } from '../../endpoints/directory/watch.js'
import type { Endpoint, Looker, Reader, Sink } from '../../model/endpoint.js'
import type { ObjectKey } from '../../model/key.js'
import type { Attributes } from '../../model/manifest.js'
import type { PlainRemote } from '../../model/remote.js'
import { createStats } from '../../stats/counters.js'
import type { App } from '../app.js'
import { assertRoom } from '../s3/room.js'
import { openS3 } from '../s3/s3.js'
import { homesIn } from '../sync/own-home.js'

/** The side of a mirror that knows no versions. */
export interface There extends Endpoint {
  readonly source: Reader & Looker
  readonly sink: Sink & Looker
  /** Tells what changes in it until that is closed; absent where nobody tells, and only a listing does. */
  watch?(events: WatchEvents): Pick<FolderWatch, 'close'>
  /** Of a directory. */
  attributes?(key: ObjectKey): Attributes | undefined
  /** Of a directory: what its file system knows it by. */
  readonly inode?: bigint
  /** @throws NOT_FOUND where it is gone, or another one stands in its place: that does not say that all in it was deleted */
  mustStand(): void
}

/** `create`: a directory is made. `sends`: it is written to. @throws NOT_FOUND, USAGE, IO */
export function openThere(
  app: App,
  remote: PlainRemote,
  { create, sends }: { readonly create: boolean; readonly sends: boolean },
): Promise<There> {
  return remote.kind === 'directory' ? openDirectory(app, remote.path, create) : openPlace(app, remote, sends)
}

async function openDirectory({ clock, home }: App, directory: string, create: boolean): Promise<There> {
  const { directoryEndpoint } = await import('../../endpoints/directory/endpoint.js')
  const missing = create ? 'made' : undefined
  const there = await directoryEndpoint(directory, { clock, missing, restMs: LIMITS.fileRestMs, stats: createStats() })
  const at = statSync(directory, { bigint: true })
  const mustStand = (): void => {
    const now = statSync(directory, { bigint: true, throwIfNoEntry: false })
    if (now?.ino !== at.ino || now.dev !== at.dev) throw replaced(directory, now !== undefined)
  }
  const homes = homesIn(directory, [home])
  const watch = (events: WatchEvents): FolderWatch =>
    there.watch({ ...events, skips: (below) => homes.includes(below) })
  return { ...there, watch, inode: at.ino, mustStand }
}

/** A bucket of S3 that is gone fails the listing. */
async function openPlace(app: App, remote: PlainRemote & { kind: 's3' }, sends: boolean): Promise<There> {
  if (sends) await assertRoom(app, remote, 'objects')
  return { ...(await openS3(app, remote, createStats())), mustStand: () => undefined }
}

const replaced = (directory: string, isThere: boolean): EfsError =>
  new EfsError('NOT_FOUND', `${directory} ${isThere ? 'is another directory by now' : 'is gone'}`, {
    hint: 'is it unmounted? Nothing is deleted for that',
  })
