import { failed, passed } from '../../model/finding.js'
import type { S3Address } from '../../model/s3-address.js'
import type { Segment } from '../../model/segment.js'
import type { Service } from '../../model/service.js'
import type { MirrorPlace } from '../../service/remote-of.js'
import { createStats } from '../../stats/counters.js'
import type { App } from '../app.js'
import { missing } from '../buckets.js'
import { rulesOf } from '../link/rules.js'
import { mayBeMade } from '../mirror/notes.js'
import { assertRoom } from '../s3/room.js'
import { openS3 } from '../s3/s3.js'
import { directoryTest } from './directory-check.js'
import { failedBy, type Outcome } from './outcome.js'

/** Of a service with a directory, or a place in S3, as its peer. */
export async function* mirrorTests(
  app: App,
  { names, versions, home }: Segment,
  service: Service,
  { remote, text }: MirrorPlace,
  signal: AbortSignal,
): AsyncGenerator<Outcome> {
  const [served] = service.served
  const bucket = served && names.find(served.path)
  const { sends } = rulesOf(service)
  if (remote.kind === 's3') yield await s3Test(app, remote, { text, sends }, signal)
  else {
    const isMade = bucket === undefined ? sends : mayBeMade(versions, bucket.uid, text, sends)
    yield await directoryTest(remote.path, isMade, home)
  }
  if (served === undefined) {
    yield failed('buckets', 'it serves none', `efs bucket attach BUCKET ${service.name}`)
  } else if (bucket?.kind === 'bucket') yield passed('buckets', `${served.path} is here`)
  else yield failedBy('buckets', missing(names, served.path))
}

/** Nothing is changed there: what may be written is for `endpoint check` to try. */
async function s3Test(
  app: App,
  address: S3Address,
  { text, sends }: { readonly text: string; readonly sends: boolean },
  signal: AbortSignal,
): Promise<Outcome> {
  try {
    if (sends) await assertRoom(app, address, 'objects', signal)
    const { source, close } = await openS3(app, address, createStats())
    try {
      let isEmpty = true
      for await (const _ of source.list({ signal }, () => undefined)) {
        isEmpty = false
        break
      }
      const what = isEmpty ? 'it is empty' : 'there is something'
      return passed('s3', `${text} is listed: ${what}; efs endpoint check ${text} tests the rest`)
    } finally {
      await close()
    }
  } catch (error) {
    signal.throwIfAborted()
    return failedBy('s3', error)
  }
}
