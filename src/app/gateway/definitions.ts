import type { Segment } from '../../model/segment.js'
import { parseService } from '../../service/document.js'
import type { App } from '../app.js'
import { secretOf } from '../credentials/open.js'
import { readGiven } from '../peers/given.js'
import type { Defined, Definitions } from './supervisor.js'

/** All services of a segment as they are defined now. One that cannot be read harms no other. */
export async function readDefinitions(app: App, segment: Segment): Promise<Definitions> {
  const { services, guid } = segment
  const definitions = new Map<string, Defined | Error>()
  for (const name of services.names()) {
    try {
      const text = services.read(name)
      if (text === undefined) continue
      const service = parseService(name, text)
      const secret = await secretOf(app, { segment: guid, service: name })
      definitions.set(name, { service, secret, isPaired: readGiven(segment).paired.includes(name) })
    } catch (error) {
      definitions.set(name, error instanceof Error ? error : new Error(String(error)))
    }
  }
  return definitions
}
