import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

export const notAPlan = (cause?: unknown): EfsError =>
  new EfsError('USAGE', 'that is no plan, or only a part of one', {
    hint: 'efs plan SRC DST --json > plan.json makes one',
    ...(cause === undefined ? {} : { cause }),
  })

const STEPS_BEGIN = /"steps"\s*:\s*\[$/

/** Reads a plan's text piece by piece, however it is laid out, and holds one step of it. */
export class PlanScan {
  head: unknown
  tail: unknown
  #where: 'head' | 'steps' | 'tail' = 'head'
  #text = ''
  #depth = 0
  #inString = false
  #isEscaped = false

  /** The steps that are whole with this piece. @throws USAGE */
  feed(piece: string): unknown[] {
    const steps: unknown[] = []
    let start = 0
    for (let at = 0; this.#where !== 'tail' && at < piece.length; at++) {
      const turn = this.#turn(piece.charCodeAt(at))
      if (turn === undefined) continue
      if (turn === 'begin') start = at
      else {
        const whole = this.#text + piece.slice(start, at + 1)
        this.#text = ''
        start = at + 1
        if (turn === 'step') steps.push(parsed(whole))
        else if (turn === 'head' && STEPS_BEGIN.test(whole)) {
          this.head = parsed(`${whole}]}`)
          this.#where = 'steps'
        } else if (turn === 'head') this.#text = whole
        else this.#where = 'tail'
      }
    }
    const isBetween = this.#where === 'steps' && this.#depth === 2
    if (!isBetween) this.#text += piece.slice(start)
    const most = this.#where === 'steps' ? LIMITS.planStepCharsMax : LIMITS.planHeadCharsMax
    if (this.#text.length > most) throw notAPlan()
    return steps
  }

  /** @throws USAGE where the text is not whole */
  end(): void {
    if (this.#where !== 'tail') throw notAPlan()
    this.tail = parsed(`{"steps":[]${this.#text}`)
  }

  /** What this sign ends or begins: `head` only may be over with it. */
  #turn(sign: number): 'head' | 'begin' | 'step' | 'steps' | undefined {
    if (this.#inString) {
      if (this.#isEscaped) this.#isEscaped = false
      else if (sign === BACKSLASH) this.#isEscaped = true
      else if (sign === QUOTE) this.#inString = false
      return undefined
    }
    if (sign === QUOTE) this.#inString = true
    else if (sign === OPEN_BRACE || sign === OPEN_BRACKET) {
      this.#depth++
      if (this.#depth === 3 && this.#where === 'steps') return 'begin'
      if (this.#depth === 2 && sign === OPEN_BRACKET && this.#where === 'head') return 'head'
    } else if (sign === CLOSE_BRACE || sign === CLOSE_BRACKET) {
      this.#depth--
      if (this.#where === 'steps') return this.#depth === 2 ? 'step' : this.#depth === 1 ? 'steps' : undefined
    }
    return undefined
  }
}

const [QUOTE, BACKSLASH, OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw notAPlan(cause)
  }
}
