import { existsSync, statSync } from 'node:fs'
import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { EfsError, systemCode } from '../../base/errors.js'
import { makeFolder } from '../../base/make-folder.js'
import type { OpenCache } from '../../endpoints/s3-segment/segment.js'
import type { SegmentGuid } from '../../model/ids.js'
import { INDEX_FORMAT } from '../../store/index/row.js'
import { initSegment, openSegment } from '../../store/segment.js'
import { type App, hasSegment } from '../app.js'

/** What is known here of a segment in S3: a home of its own. */
export interface Cache {
  readonly open: OpenCache
  /** Once it was opened. @throws NOT_FOUND where it was taken away since, which may be done at any time */
  mustStand(): void
  /** After it is closed. */
  end(): Promise<void>
}

/** What is known of a segment in S3 is kept in the home; where there is none, for this run only. */
export async function cacheOf(app: App, guid: SegmentGuid): Promise<Cache> {
  if (!hasSegment(app)) {
    const folder = await mkdtemp(path.join(tmpdir(), 'efs-'))
    return cacheAt(app, path.join(folder, 'cache'), () => rm(folder, { recursive: true, force: true }))
  }
  return cacheAt(app, path.join(app.home, 'archives', `${guid}-${INDEX_FORMAT}`), async () => undefined)
}

function cacheAt({ clock }: App, home: string, end: Cache['end']): Cache {
  let opened: number | undefined
  const standing = (): number | undefined => statSync(home, { throwIfNoEntry: false })?.ino
  return {
    async open(elsewhere) {
      if (!existsSync(home)) await makeCache(home, clock)
      try {
        const segment = await openSegment(home, { clock, elsewhere })
        opened = standing()
        return segment
      } catch (error) {
        if (!(error instanceof EfsError && error.code === 'CORRUPT')) throw error
        const hint = `remove ${home}: it is made anew from what is in S3`
        throw new EfsError('CORRUPT', error.message, { hint, cause: error })
      }
    },
    mustStand() {
      if (opened === undefined || standing() === opened) return
      throw new EfsError('NOT_FOUND', `${home} was removed`, { hint: 'it is made anew from what is in S3' })
    },
    end,
  }
}

/** Two processes may make it at once: the first one's stays. */
async function makeCache(home: string, clock: App['clock']): Promise<void> {
  await makeFolder(path.dirname(home))
  const made = await mkdtemp(`${home}-`)
  try {
    await initSegment(made, { clock })
    await rename(made, home)
  } catch (error) {
    await rm(made, { recursive: true, force: true })
    const code = systemCode(error)
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}
