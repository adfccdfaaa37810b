/** Small texts that a segment keeps beside its data, each under a name. Several processes may change them at once. */
export interface Documents {
  /** In byte order. */
  names(): string[]
  read(name: string): string | undefined
  /**
   * Replaces a text by what `change` makes of it (undefined stands for no text), and gives what else it came to. Durable when the promise
   * settles. `change` is called again where another process was faster, so it only computes; where it throws, nothing is changed.
   */
  change<T>(name: string, change: (before: string | undefined) => Changed<T>): Promise<T>
}

export interface Changed<T> {
  readonly after: string | undefined
  readonly result: T
}
