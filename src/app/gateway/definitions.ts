import type { Segment } from '../../model/segment.js'
import { parseService } from '../../service/document.js'
import { hasSecret } from '../../service/service.js'
import type { Credentials } from '../credentials.js'
import type { Defined, Definitions } from './supervisor.js'

/** All services of a segment as they are defined now. One that cannot be read harms no other. */
export async function readDefinitions({ services, guid }: Segment, credentials: Credentials): Promise<Definitions> {
  const definitions = new Map<string, Defined | Error>()
  for (const name of services.names()) {
    try {
      const text = services.read(name)
      if (text === undefined) continue
      const service = parseService(name, text)
      const secret = hasSecret(service) ? await credentials.find({ segment: guid, service: name }) : undefined
      definitions.set(name, { service, secret })
    } catch (error) {
      definitions.set(name, error instanceof Error ? error : new Error(String(error)))
    }
  }
  return definitions
}
