import { srvOf } from './machine.js'

/** A network of its own for each process that tests: all of 127.0.0.0/8 is this machine. */
const NETWORK = `127.${1 + ((process.pid >> 8) % 250)}.${process.pid % 256}.`

/** What the documents call the keys of an S3 server. */
export const S3_KEYS = 'AKIAIOSFODNN7EXAMPLE:wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'

/** What stands in a test for what a document or an example names, and back. This is all of it. */
export class StandIns {
  readonly #pairs: [named: string, real: string][]
  readonly #ids = new Map<string, string>()

  /** `dir` is the machine's folder, `s3Keys` those of the server that is there. */
  constructor(dir: string, s3Keys = S3_KEYS) {
    this.#pairs = [
      ['10.3.32.', NETWORK],
      ['/srv/', `${srvOf(dir)}/`],
      ['/home/you/', `${dir}/`],
      [S3_KEYS, s3Keys],
    ]
  }

  /** From now on that id stands for this one, a beginning of it too. */
  bind(named: string, real: string): void {
    this.#ids.set(named, real)
  }

  /** A command, or what is typed, as it is run. */
  real(text: string): string {
    let out = text
    for (const [named, real] of this.#ids) out = out.replaceAll(named, real)
    out = out.replace(/\b[0-9a-f]{8,}\b/g, (id) => this.#beginning(id))
    for (const [named, real] of this.#pairs) out = out.replaceAll(named, real)
    // A document's machine listens on all its addresses, a test's on one.
    return out.replace('gateway pair ', `gateway pair --local ${NETWORK}240:14000 `)
  }

  /** What a command said, as the document would have it. */
  named(text: string): string {
    return this.#pairs.reduce((out, [named, real]) => out.replaceAll(real, named), text)
  }

  #beginning(id: string): string {
    for (const [named, real] of this.#ids) if (named.startsWith(id)) return real.slice(0, id.length)
    return id
  }
}
