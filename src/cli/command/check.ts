import type { Finding } from '../../model/finding.js'
import { outcomeText, skippedText } from '../text/check.js'
import { EfsCommand } from './base.js'

/** A command that tests one thing after the other: a line or an event each as soon as it is known, and 1 where one fails. */
export abstract class CheckCommand extends EfsCommand<void> {
  protected override readonly streams = true
  protected override readonly goesOn = true
  readonly #skipped: Finding[] = []
  readonly #counts = { pass: 0, warn: 0, fail: 0, skip: 0 }

  protected readonly tell = async (outcome: Finding): Promise<void> => {
    this.#counts[outcome.outcome]++
    const { hint = null, ...own } = outcome
    if (this.json) await this.event({ type: 'test', ...own, hint })
    else if (outcome.outcome === 'skip') this.#skipped.push(outcome)
    else await this.out(outcomeText(outcome, this.page))
  }

  /** To be called once, when all is told. */
  protected async finish(): Promise<void> {
    const ok = this.#counts.fail === 0
    await this.event({ type: 'summary', ok, ...this.#counts })
    if (!ok) this.ends(1)
  }

  protected override text(): string {
    return skippedText(this.#skipped)
  }
}
