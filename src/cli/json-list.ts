/** One JSON document with a list that is written as it comes, however long it is. Nothing is written before the first item or the end. */
export class JsonList {
  #head = ''
  #before = ''

  constructor(readonly write: (text: string) => Promise<void>) {}

  /** Whether a part of the document is out, so that it has to be ended. */
  get isOpen(): boolean {
    return this.#before !== ''
  }

  /** `head` stands before the list, which is called `name`. */
  begin(head: object, name: string): void {
    this.#head = jsonText({ ...head, [name]: [] }).slice(0, -2)
  }

  async add(items: readonly unknown[]): Promise<void> {
    if (items.length === 0) return
    const lines = items.map(jsonText).join(',\n')
    const before = this.isOpen ? this.#before : `${this.#head}\n`
    this.#before = ',\n'
    await this.write(`${before}${lines}`)
  }

  /** `tail` stands behind the list. */
  async end(tail: object = {}): Promise<void> {
    const head = this.isOpen ? '\n' : this.#head
    this.#before = ''
    const rest = jsonText(tail).slice(1)
    await this.write(`${head}]${rest === '}' ? '' : ','}${rest}\n`)
  }
}

/** JSON has no big integers; nanoseconds are written as decimal strings. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value, (_key, one: unknown) => (typeof one === 'bigint' ? one.toString() : one))
