import { lexer, type MarkedToken, type Token, type Tokens } from 'marked'
import { bold, italic, paragraph, prose, running, section, subsection, tagged, verbatim } from './roff.js'

/** What stands below one heading of a document, in man(7). */
export interface Part {
  readonly title: string
  readonly lines: readonly string[]
}

/** The parts of a document by its headings of the first two levels. What a page has no form for is an error, not left out. */
export function partsOf(markdown: string): Part[] {
  const parts: { title: string; lines: string[] }[] = []
  for (const token of lexer(markdown)) {
    if (isA(token, 'heading') && token.depth <= 2) parts.push({ title: plain(token.tokens), lines: [] })
    else parts.at(-1)?.lines.push(...block(token))
  }
  return parts
}

export const partLines = ({ title, lines }: Part): string[] => [...section(title), ...lines]

type Kind = MarkedToken['type']

const isA = <K extends Kind>(token: Token, type: K): token is Extract<MarkedToken, { type: K }> => token.type === type

function block(token: Token): string[] {
  if (token.type === 'space') return []
  if (isA(token, 'heading')) return subsection(plain(token.tokens))
  if (isA(token, 'paragraph')) return paragraph(inline(token.tokens))
  if (isA(token, 'code')) return verbatim(token.text)
  if (isA(token, 'list')) return list(token)
  if (isA(token, 'table')) return table(token)
  throw new TypeError(`a manual page has no form for ${token.type}: ${token.raw}`)
}

function list({ ordered, start, items }: Tokens.List): string[] {
  return items.flatMap(({ tokens }, i) => {
    const mark = ordered ? `.IP ${Number(start) + i}. 4` : '.IP \\(bu 2'
    return [
      mark,
      ...tokens.flatMap((token) => (isA(token, 'text') ? running(inline(token.tokens ?? [])) : block(token))),
    ]
  })
}

const table = ({ header, rows }: Tokens.Table): string[] => rows.flatMap((row) => rowLines(header, row))

/** The first cell of a row hangs; of several others each that says something is told by its heading. */
function rowLines(header: readonly Tokens.TableCell[], [head, ...cells]: readonly Tokens.TableCell[]): string[] {
  const bodies = cells.flatMap(({ tokens, text }, i) => {
    const name = cells.length > 1 ? `${prose(header[i + 1]?.text ?? '')}: ` : ''
    return text === NOTHING ? [] : [running(`${name}${inline(tokens)}`)]
  })
  return tagged(
    inline(head?.tokens ?? []),
    bodies.flatMap((lines, i) => (i === 0 ? lines : ['.br', ...lines])),
  )
}

const NOTHING = '\u2013'

/** A row of a table by what is typed in its first cell. */
export interface TypedRow {
  readonly typed: readonly string[]
  readonly lines: readonly string[]
}

/** The rows of all tables whose first column is called so. */
export const rowsUnder = (markdown: string, heading: string): TypedRow[] =>
  lexer(markdown)
    .filter((token) => isA(token, 'table'))
    .filter(({ header }) => header[0]?.text === heading)
    .flatMap(({ header, rows }) =>
      rows.map((row) => ({
        typed: (row[0]?.tokens ?? []).flatMap((token) => (isA(token, 'codespan') ? [token.text] : [])),
        lines: rowLines(header, row),
      })),
    )

const inline = (tokens: readonly Token[]): string => tokens.map(span).join('')

function span(token: Token): string {
  if (isA(token, 'text') || isA(token, 'escape')) return prose(token.text)
  if (isA(token, 'codespan')) return bold(token.text)
  if (isA(token, 'strong')) return bold(plain(token.tokens))
  if (isA(token, 'em')) return italic(plain(token.tokens))
  if (isA(token, 'link')) return inline(token.tokens)
  throw new TypeError(`a manual page has no form for ${token.type}: ${token.raw}`)
}

const plain = (tokens: readonly Token[]): string =>
  tokens.map((token) => ('text' in token ? String(token.text) : '')).join('')
