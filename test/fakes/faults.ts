interface Planned {
  readonly call: string
  readonly nth: number
  readonly act: () => void
  reached: boolean
}

/** What goes wrong, and when: the nth time that something is called. A planned fault that was never reached is a defect of its test. */
export class Faults {
  readonly #planned: Planned[] = []
  readonly #counts = new Map<string, number>()

  /** `call` is `source.fetch` or the like, or `*` for any. */
  plan(call: string, nth: number, act: () => void): this {
    this.#planned.push({ call, nth, act, reached: false })
    return this
  }

  /** Called by a fake at the start of each of its calls; lets others run, by a different number of turns each time. */
  async hit(call: string): Promise<void> {
    const turns = (this.count('*') * 7) % 5
    for (const name of [call, '*']) {
      const nth = this.count(name) + 1
      this.#counts.set(name, nth)
      for (const fault of this.#planned) {
        if (fault.call !== name || fault.nth !== nth) continue
        fault.reached = true
        fault.act()
      }
    }
    for (let turn = 0; turn < turns; turn++) await Promise.resolve()
  }

  /** How often it was called. */
  count(call: string): number {
    return this.#counts.get(call) ?? 0
  }

  unreached(): string[] {
    return this.#planned.filter(({ reached }) => !reached).map(({ call, nth }) => `${call} ${nth}`)
  }
}
