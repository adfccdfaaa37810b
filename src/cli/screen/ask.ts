import { Writable } from 'node:stream'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { ownStdin } from './own-process.js'
import { typedLine } from './typed-line.js'

/** One line that is nobody else's to see: asked for without echo on a terminal, else the first line of stdin. */
export async function askPrivately(question: string): Promise<string> {
  if (process.stdin.isTTY !== true) return firstLineOf(ownStdin())
  const output = new Writable({ write: (_bytes, _encoding, done) => done() })
  process.stderr.write(`${question}: `)
  const typed = await typedLine({ prompt: '', output })
  process.stderr.write('\n')
  switch (typed.kind) {
    case 'line':
      return typed.text
    case 'end':
      return ''
    case 'interrupted':
      throw new EfsError('INTERRUPTED', 'interrupted', { hint: 'nothing was changed' })
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
