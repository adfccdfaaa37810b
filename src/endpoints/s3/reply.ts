import { LIMITS } from '../../base/limits.js'

/** What came of a request. */
export interface Reply {
  readonly status: number
  /** Names in small letters. */
  readonly headers: Readonly<Record<string, string>>
  /** Empty where the status is not 2xx: nobody reads it then. */
  readonly body: Buffer
  /** Whether its connection can be used again. */
  readonly isLast: boolean
}

const HEAD_END = '\r\n\r\n'
const NO_BYTES = Buffer.alloc(0)

/**
 * Reads one answer of HTTP/1.1 whose length is told before it, which is how servers answer to GET and PUT; what comes in
 * another form is an error.
 */
export class ReplyReader {
  readonly #room: (length: number) => Buffer
  #head: Buffer = NO_BYTES
  #answer: Reply | undefined
  #filled = 0

  /** `room` gives memory for a body of so many bytes. */
  constructor(room: (length: number) => Buffer) {
    this.#room = room
  }

  /** Where in the body the next bytes belong; undefined until the head is whole. */
  get place(): Buffer | undefined {
    return this.#answer?.body.subarray(this.#filled)
  }

  /** Takes the next bytes, of which it keeps none; gives the answer once it is whole. Those that are in their place are not copied. */
  take(piece: Buffer): Reply | undefined {
    const rest = this.#answer === undefined ? this.#begin(piece) : piece
    if (this.#answer === undefined || rest === undefined) return undefined
    const { body, status } = this.#answer
    if (!isGood(status)) return this.#answer
    if (rest.length > body.length - this.#filled) throw new Error('more bytes came than were told')
    if (rest.buffer !== body.buffer || rest.byteOffset !== body.byteOffset + this.#filled) rest.copy(body, this.#filled)
    this.#filled += rest.length
    return this.#filled === body.length ? this.#answer : undefined
  }

  /** What follows the head, once that is whole. */
  #begin(piece: Buffer): Buffer | undefined {
    const all = this.#head.length === 0 ? piece : Buffer.concat([this.#head, piece])
    const end = all.indexOf(HEAD_END)
    if (end > LIMITS.s3HeadBytesMax || (end < 0 && all.length > LIMITS.s3HeadBytesMax)) throw new Error('a long head')
    if (end < 0) {
      this.#head = Buffer.from(all)
      return undefined
    }
    this.#answer = this.#parsed(all.toString('latin1', 0, end))
    return all.subarray(end + HEAD_END.length)
  }

  #parsed(head: string): Reply {
    const [first = '', ...lines] = head.split('\r\n')
    const [, minor, code] = /^HTTP\/1\.([01]) (\d{3})(?: |$)/.exec(first) ?? []
    if (code === undefined) throw new Error('no answer of HTTP/1')
    const headers = headersOf(lines)
    const status = Number(code)
    if (!isGood(status)) return { status, headers, body: NO_BYTES, isLast: true }
    const length = headers['content-length'] ?? ''
    if (!/^\d{1,15}$/.test(length) || 'transfer-encoding' in headers) throw new Error('an answer of unknown length')
    const isLast = minor === '0' || /\bclose\b/i.test(headers.connection ?? '')
    return { status, headers, body: length === '0' ? NO_BYTES : this.#room(Number(length)), isLast }
  }
}

export const isGood = (status: number): boolean => status >= 200 && status < 300

function headersOf(lines: readonly string[]): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) throw new Error('a line that is no header')
    const name = line.slice(0, colon).toLowerCase()
    const value = line.slice(colon + 1).trim()
    // What tells the length is not to be told twice.
    if (name in headers && name === 'content-length') throw new Error('two lengths')
    headers[name] = name in headers ? `${headers[name]}, ${value}` : value
  }
  return headers
}
