import { documentText, textOf } from '../../base/json-fields.js'
import type { Certificate } from '../../link/certificate.js'
import type { Segment } from '../../model/segment.js'
import { parsePeers } from '../peers/fields.js'

/** Beside what is known of others. */
const NAME = 'own-certificate'

/** The certificate that peers know this segment by: made once. A copy of a home that became a segment of its own makes another one. */
export async function ownCertificate({ peers, guid }: Pick<Segment, 'peers' | 'guid'>): Promise<Certificate> {
  const known = parse(peers.read(NAME), guid)
  if (known !== undefined) return known
  const { makeCertificate } = await import('../../link/certificate.js')
  const made = await makeCertificate(guid)
  return peers.change(NAME, (text) => {
    const faster = parse(text, guid)
    return { after: faster === undefined ? documentText({ segment: guid, ...made }) : text, result: faster ?? made }
  })
}

function parse(text: string | undefined, guid: string): Certificate | undefined {
  if (text === undefined) return undefined
  return parsePeers(`peers/${NAME}.json`, text, ({ segment, keyPem, certPem, fingerprint }) => {
    if (segment !== guid) return undefined
    return { keyPem: textOf(keyPem), certPem: textOf(certPem), fingerprint: textOf(fingerprint) }
  })
}
