// The few things that a page in man(7) is made of. All give input lines of the formatter. Text that is called escaped may hold
// font changes; all other text is as people read it.

const LINE_MAX = 76

/** Words that people read, escaped. */
export const prose = (words: string): string =>
  signs(words).replace(/(?<![\w-])-{1,2}(?=\w)/g, (dashes) => dashes.replaceAll('-', '\\-'))

/** What is typed as it stands, escaped: no quote or dash becomes another one. */
export const literal = (words: string): string => signs(words).replace(/[-'`^~]/g, (sign) => `\\${TYPED[sign] ?? sign}`)

const TYPED: Readonly<Record<string, string>> = { "'": '(aq', '`': '(ga', '^': '(ha', '~': '(ti' }

const signs = (words: string): string =>
  words
    .replaceAll('\\', '\\e')
    .replace(
      /[^\p{ASCII}]/gu,
      (sign) => `\\[u${(sign.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}]`,
    )

export const bold = (words: string): string => `\\fB${literal(words)}\\fR`

export const italic = (words: string): string => `\\fI${literal(words)}\\fR`

/** A summary or a description of a flag as a sentence. */
export const sentence = (words: string): string => `${words.replace(/^\p{Ll}/u, (letter) => letter.toUpperCase())}.`

/** Escaped running text in input lines: a sentence starts a new one, and none is long. */
export const running = (escaped: string): string[] =>
  escaped
    .replaceAll('\n', ' ')
    .split(/(?<=[.!?:]) +(?=\p{Lu})/u)
    .flatMap((part) => part.match(new RegExp(`.{1,${LINE_MAX}}(?:\\s|$)|\\S+`, 'g')) ?? [])
    .map((line) => guarded(line.trim()))
    .filter((line) => line !== '')

/** A line that begins like a macro is none. */
const guarded = (line: string): string => line.replace(/^(?=[.'])/, '\\&')

export const section = (title: string): string[] => [`.SH ${quoted(prose(title.toUpperCase()))}`]

export const subsection = (title: string): string[] => [`.SS ${quoted(prose(title))}`]

const quoted = (escaped: string): string => (escaped.includes(' ') ? `"${escaped}"` : escaped)

export const paragraph = (escaped: string): string[] => ['.PP', ...running(escaped)]

/** A row of a list whose heads hang. */
export const tagged = (head: string, body: readonly string[]): string[] => [
  '.TP',
  guarded(head === '' ? '\\&' : head),
  ...(body.length === 0 ? ['\\&'] : body),
]

/** Rows without space between them, their bodies beside the heads. @param width of the heads, in characters */
export const compact = (width: number, rows: readonly (readonly [head: string, body: string])[]): string[] => [
  '.PD 0',
  ...rows.flatMap(([head, body]) => [`.TP ${width}`, guarded(head), ...running(body)]),
  '.PD',
]

/** Words are not broken: what looks like a part of a name would not be it. Said again after each macro that ends with the usual. */
export const NO_HYPHENS = '.nh'

/** Lines as they are, indented. */
export const verbatim = (text: string): string[] => [
  '.PP',
  '.RS 4',
  '.EX',
  ...text.split('\n').map((line) => guarded(literal(line))),
  '.EE',
  NO_HYPHENS,
  '.RE',
]
