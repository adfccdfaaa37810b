import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'

/** One line that is nobody else's to see: asked for without echo on a terminal, else the first line of stdin. */
export async function askPrivately(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) return firstLineOf(process.stdin)
  process.stderr.write(`${question}: `)
  const silent = new Writable({ write: (_bytes, _encoding, done) => done() })
  const lines = createInterface({ input: process.stdin, output: silent, terminal: true })
  try {
    return await new Promise<string>((resolve, reject) => {
      lines.once('SIGINT', () => reject(new EfsError('INTERRUPTED', 'interrupted', { hint: 'nothing was changed' })))
      lines.once('close', () => resolve(''))
      lines.once('line', resolve)
    })
  } finally {
    lines.close()
    process.stderr.write('\n')
  }
}

/** Without its line end; `''` where there is none. What is longer than any value may be is cut, and refused by whoever reads it. */
async function firstLineOf(input: AsyncIterable<Uint8Array | string>): Promise<string> {
  const parts: Buffer[] = []
  let bytes = 0
  for await (const part of input) {
    const chunk = Buffer.from(part)
    parts.push(chunk)
    bytes += chunk.length
    if (chunk.includes(0x0a) || bytes > 2 * LIMITS.lineBytesMax) break
  }
  const [first = ''] = Buffer.concat(parts).toString('utf8').split('\n', 1)
  return first.replace(/\r$/, '')
}
