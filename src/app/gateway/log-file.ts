import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'
import { LIMITS } from '../../base/limits.js'
import { gatewayFiles } from './files.js'

/** The file that a log is written to. One that is full is kept as the older one, whose place it takes. */
export class LogFile {
  #file: number
  #bytes: number
  #lost = 0
  #isClosed = false

  private constructor(
    readonly home: string,
    readonly bytesMax: number,
  ) {
    this.#file = openSync(gatewayFiles(home).log, 'a', 0o600)
    this.#bytes = fstatSync(this.#file).size
  }

  /** @throws what the system says of a file that cannot be made */
  static open(home: string, bytesMax: number = LIMITS.gatewayLogBytesMax): LogFile {
    return new LogFile(home, bytesMax)
  }

  /** A log that cannot be written stops nobody; how many lines are missing is told by the next one that can be. */
  write(line: string): void {
    if (this.#isClosed) return
    try {
      if (this.#lost > 0) {
        this.#append(
          `${JSON.stringify({ level: 'warn', msg: `lines of this log that could not be written: ${this.#lost}` })}\n`,
        )
        this.#lost = 0
      }
      this.#append(line)
    } catch {
      this.#lost++
    }
  }

  /** What comes later, from what has not stopped in time, is not written. */
  close(): void {
    this.#isClosed = true
    closeSync(this.#file)
  }

  #append(line: string): void {
    const bytes = Buffer.from(line)
    if (this.#bytes > 0 && this.#bytes + bytes.length > this.bytesMax) this.#turn()
    for (let done = 0; done < bytes.length; ) done += writeSync(this.#file, bytes, done)
    this.#bytes += bytes.length
  }

  #turn(): void {
    const { log, olderLog } = gatewayFiles(this.home)
    renameSync(log, olderLog)
    const next = openSync(log, 'a', 0o600)
    closeSync(this.#file)
    this.#file = next
    this.#bytes = 0
  }
}
