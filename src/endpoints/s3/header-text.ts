/*
 * Other tools write metadata in UTF-8, and servers give it back as they got it, or (Amazon) as RFC 2047 has it, which is ASCII and
 * stays as it is. Node takes and gives each byte of a header as a character of its own.
 */

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const isAscii = (text: string): boolean => Buffer.byteLength(text) === text.length

/** Whether a value can be sent and signed: no controls, and of what is white only what all take for it. */
export const isPrintable = (text: string): boolean => {
  for (const sign of text) if (sign < ' ' || sign === '\x7f' || (sign !== ' ' && sign.trim() === '')) return false
  return true
}

/** What a header holds, from Node's form; what is no UTF-8 stays as it is. */
export function textOfBytes(value: string): string {
  if (isAscii(value)) return value
  try {
    return utf8.decode(Buffer.from(value, 'latin1'))
  } catch (error) {
    if (error instanceof TypeError) return value
    throw error
  }
}

/** Headers in the form that Node sends as UTF-8. */
export function bytesOfText(headers: object): Record<string, string> {
  const all: [string, unknown][] = Object.entries(headers)
  const texts = all.map(([name, value]): [string, string] => [name, String(value)])
  if (texts.every(([, value]) => isAscii(value))) return Object.fromEntries(texts)
  // What waits for leave to send its body Node sends in another form.
  const sent = texts.filter(([name]) => name.toLowerCase() !== 'expect')
  return Object.fromEntries(sent.map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]))
}
