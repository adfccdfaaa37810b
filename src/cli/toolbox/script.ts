import { LIMITS } from '../../base/limits.js'

/** The lines of a text that comes in pieces, the last one also without its end. Of one that is too long no more is kept than shows that. */
export async function* linesOf(input: AsyncIterable<Buffer | string>): AsyncGenerator<string> {
  const most = LIMITS.toolboxLineBytesMax + 1
  let begun = Buffer.alloc(0)
  for await (const part of input) {
    let rest = Buffer.from(part)
    for (let end = rest.indexOf(0x0a); end >= 0; end = rest.indexOf(0x0a)) {
      yield textOf(Buffer.concat([begun, rest.subarray(0, end)]))
      begun = Buffer.alloc(0)
      rest = rest.subarray(end + 1)
    }
    begun = Buffer.concat([begun, rest]).subarray(0, most)
  }
  if (begun.length > 0) yield textOf(begun)
}

const textOf = (bytes: Buffer): string => bytes.toString('utf8').replace(/\r$/, '')
