/** Counts what is held at once, and lets the next one in when there is room, in the order in which they came. */
export class Room {
  #held = 0
  readonly #waiting: { readonly amount: number; readonly enter: () => void }[] = []

  constructor(readonly limit: number) {}

  /** Settles with the function that gives it back. `amount` is at most the limit. */
  async enter(amount: number, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted()
    if (this.#waiting.length > 0 || this.#held + amount > this.limit) await this.#turn(amount, signal)
    else this.#held += amount
    let isIn = true
    return () => {
      if (isIn) this.#held -= amount
      isIn = false
      this.#letIn()
    }
  }

  #turn(amount: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const waiting = {
        amount,
        enter: () => {
          signal.removeEventListener('abort', onAbort)
          resolve()
        },
      }
      const onAbort = (): void => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1)
        this.#letIn()
        reject(signal.reason)
      }
      this.#waiting.push(waiting)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  }

  #letIn(): void {
    for (let next = this.#waiting[0]; next !== undefined; next = this.#waiting[0]) {
      if (this.#held + next.amount > this.limit) return
      this.#held += next.amount
      this.#waiting.shift()
      next.enter()
    }
  }
}
