import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { GATEWAY_PORT, hostPortText, parseHostPort } from './remote.js'

/** What a credential of the user is called: a word, or the front of addresses, as `canonical` writes them. */
export interface CredentialName {
  readonly text: string
  /** `pair`: ACCESSKEY:SECRETKEY; `line`: one line of text. */
  readonly secret: 'pair' | 'line'
}

const FORMS = 'a word of your own, s3://BUCKET[/PREFIX], ccow://HOST[:PORT] or ccows://HOST[:PORT]'

/** @throws USAGE; what may hold a password is not repeated */
export function parseCredentialName(text: string): CredentialName {
  if (text.includes('@'))
    throw new EfsError('USAGE', 'the name of a credential holds no secret', { hint: `write ${FORMS}` })
  const name = canonical(text)
  if (Buffer.byteLength(name) <= LIMITS.keyBytesMax) {
    if (/^s3:\/\/[^\s/?#]+(?:\/[^\p{Cc}?#]+)?$/u.test(name)) return { text: name, secret: 'pair' }
    if (/^ccows?:\/\/[^\s/?#]+$/.test(name) && parseHostPort(name.slice(name.indexOf('/') + 2)) !== undefined)
      return { text: name, secret: 'line' }
    if (/^[\p{L}\p{N}_][\p{L}\p{N}._-]*$/u.test(name)) return { text: name, secret: 'line' }
  }
  throw new EfsError('USAGE', `no name for a credential: ${JSON.stringify(text.slice(0, 80))}`, {
    hint: `write ${FORMS}`,
  })
}

/** The name that stands in front of an address, whole parts between slashes only: of several the longest. */
export function nameFor(address: string, names: readonly string[]): string | undefined {
  const whole = canonical(address)
  const fronts = names.filter((name) => whole === name || whole.startsWith(`${name}/`))
  return fronts.reduce<string | undefined>((best, name) => (name.length > (best?.length ?? 0) ? name : best), undefined)
}

/** One spelling: a gateway with its port, S3 as `s3://`, nothing behind `#`, no slash at the end. */
function canonical(address: string): string {
  const text = address
    .replace(/#.*$/s, '')
    .replace(/\/+$/, '')
    .replace(/^s3\+segment:/, 's3:')
  const [, scheme, place = '', rest = ''] = /^(ccows?:\/\/)([^/]*)(.*)$/s.exec(text) ?? []
  if (scheme === undefined) return text
  const at = parseHostPort(place) ?? parseHostPort(`${place}:${GATEWAY_PORT}`)
  return at === undefined ? text : `${scheme}${hostPortText(at)}${rest}`
}
