/** A topic as `package.json` has it, for the framework: a line, an empty one, a paragraph. */
export interface TaughtTopic {
  readonly name: string
  readonly description?: string | undefined
  readonly examples?: readonly string[]
}

/** What a topic is in one line, and the paragraph below it. */
export function lineAndMore(description = ''): { readonly line: string; readonly more: string } {
  const [line = '', ...rest] = description.split('\n')
  return { line, more: rest.join('\n').trim() }
}
