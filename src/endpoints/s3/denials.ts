import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

/**
 * Tells whether what a server denies is a matter of single objects: as long as it allowed none, it is one of all of them once
 * LIMITS.s3DeniedMax different ones were denied.
 */
export class Denials {
  readonly #place: string
  readonly #doing: 'read' | 'written' | 'deleted'
  readonly #denied = new Set<string>()
  #allowed = false

  constructor(place: string, doing: 'read' | 'written' | 'deleted') {
    this.#place = place
    this.#doing = doing
  }

  allow(): void {
    this.#allowed = true
    this.#denied.clear()
  }

  /** @throws REFUSED where it is a matter of all */
  deny(key: string, error: EfsError): void {
    if (this.#allowed) return
    this.#denied.add(key)
    const count = this.#denied.size
    if (count < LIMITS.s3DeniedMax) return
    // Whoever tries once more starts anew.
    this.#denied.clear()
    throw new EfsError(
      'REFUSED',
      `none of ${count} objects of ${this.#place} could be ${this.#doing}; ${error.message}`,
      {
        hint: 'check what these keys may do there; where others are allowed, leave these out with --exclude',
        cause: error,
      },
    )
  }
}
