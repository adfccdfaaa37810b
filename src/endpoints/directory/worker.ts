import { parentPort, workerData } from 'node:worker_threads'
import { compressed, loadCompression } from '../../base/compression.js'
import { sumOf } from '../../base/hash.js'
import { LIMITS } from '../../base/limits.js'
import { Cutter } from '../../chunker/cutter.js'
import { readTarget } from './file-reader.js'
import { HeldFolder } from './held-folder.js'
import type { FromWorker, LoadedMessage, LoadTask, ReadTask, ToWorker, WorkerSetup } from './messages.js'
import { unpackPrint } from './prints.js'
import { Window } from './window.js'

/** Reads, cuts and hashes what the main thread asks for, and keeps the bytes until they are released. */
class ReadingWorker {
  turns = 0
  #window: Window | undefined
  #takenMs = 0
  readonly #windows: Window[] = []
  readonly #free: Window[] = []
  readonly #tasks: ReadTask[] = []
  #running = false
  #onFree: (() => void) | undefined

  constructor(
    readonly setup: WorkerSetup,
    readonly send: (message: FromWorker, transfer: ArrayBuffer[]) => void,
  ) {}

  /** The one being filled; `run` has taken it. */
  get window(): Window {
    if (this.#window === undefined) throw new Error('no window is open')
    return this.#window
  }

  receive(message: ToWorker): void {
    if (message.type === 'load') this.#load(message)
    else if (message.type === 'release') this.#release(message.window)
    else {
      this.#tasks.push(message)
      if (!this.#running) void this.#run()
    }
  }

  async turn(): Promise<void> {
    this.#post(false)
    this.#window = await this.#take()
  }

  async #run(): Promise<void> {
    this.#running = true
    for (let task = this.#tasks.shift(); task !== undefined; task = this.#tasks.shift()) {
      this.#window = await this.#take()
      await this.#read(task)
      this.#post(true)
    }
    this.#running = false
  }

  async #read(task: ReadTask): Promise<void> {
    const { takenMs } = task
    this.#takenMs = takenMs
    const held = new HeldFolder(this.setup.root)
    const reading = { ...this.setup, held }
    for (const [index, object] of task.objects.entries()) {
      const listed = unpackPrint(task.prints, index, takenMs)
      const kind = task.kinds.charAt(index)
      const key = task.keys[index] ?? ''
      if (kind === 'f' && this.window.filled + (listed?.size ?? 0) > this.window.bytes.length && !this.window.empty) {
        await this.turn()
      }
      await readTarget({ object, key, kind, listed, takenMs }, this, reading)
    }
    held.close()
  }

  #post(last: boolean): void {
    const message = this.window.message(this.#takenMs, last)
    this.turns++
    this.send(message, [])
  }

  /** A free window, after other messages had their turn. */
  async #take(): Promise<Window> {
    await new Promise((resolve) => setImmediate(resolve))
    for (;;) {
      const free = this.#free.pop()
      if (free !== undefined) return free
      if (this.#windows.length < this.setup.windowsMax) return this.#make()
      await new Promise<void>((resolve) => {
        this.#onFree = resolve
      })
    }
  }

  #make(): Window {
    const capacity = Math.max(LIMITS.parcelBytesMax, new Cutter(this.setup.chunking).lookAhead)
    const window = new Window(this.#windows.length, capacity, this.setup.compress)
    this.#windows.push(window)
    return window
  }

  #release(number: number): void {
    const window = this.#windows[number]
    if (window === undefined) throw new Error(`no window ${number}`)
    window.clear()
    this.#free.push(window)
    this.#onFree?.()
  }

  #load({ request, window: number, slices }: LoadTask): void {
    const window = this.#windows[number]
    if (window === undefined) throw new Error(`no window ${number}`)
    const small = slices.map((index) => compressed(window.slice(index)))
    const frame = Buffer.allocUnsafeSlow(small.reduce((sum, data) => sum + (data?.length ?? 0), 0))
    let at = 0
    for (const data of small) {
      if (data === undefined) continue
      frame.set(data, at)
      at += data.length
    }
    const sizes = small.map((data) => data?.length ?? -1)
    const sums = small.map((data) => (data === undefined ? 0 : sumOf(data)))
    const message: LoadedMessage = { type: 'loaded', request, sizes, sums, frame }
    this.send(message, [frame.buffer])
  }
}

const port = parentPort
if (port === null) throw new Error('this file runs in a worker thread')
const worker = new ReadingWorker(workerData as WorkerSetup, (message, transfer) => port.postMessage(message, transfer))
// What comes sooner waits in the port.
void loadCompression().then(() => port.on('message', (message: ToWorker) => worker.receive(message)))
