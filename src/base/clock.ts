/** The wall clock, handed down so that tests can hold it. */
export interface Clock {
  /** Milliseconds since 1970, UTC. May step backwards. */
  nowMs(): number
}

export const systemClock: Clock = { nowMs: () => Date.now() }
