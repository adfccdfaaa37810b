import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'

export interface Word {
  /** Without quotes, as a command gets it. */
  text: string
  /** Where it begins in the line. */
  readonly from: number
}

export interface Line {
  readonly words: readonly Word[]
  /** The quote that nothing closes, or a backslash with nothing behind it. */
  readonly open: '' | "'" | '"' | '\\'
  /** Whether a new word is to begin at the end. */
  readonly isBetween: boolean
  /** The first of what a shell would act on and the toolbox does not. */
  readonly foreign: string | undefined
}

const PIECES =
  /(?<blank>\s+)|'(?<single>[^']*)(?<singleEnd>'?)|"(?<double>(?:[^"\\]|\\.)*)(?<doubleEnd>"?)|\\(?<escaped>.?)|(?<plain>[^\s'"\\]+)/gsu
const OPERATOR = /[|&;<>()`]|\$[\w{(]+/
const TILDE = /^~(?:[/\s]|$)/
const SUBSTITUTION = /`|\$[\w{(]+/

/** Cuts a line as a shell does, up to its comment. `userHome` is what `~` stands for. */
export function lineOf(line: string, userHome: string): Line {
  const words: Word[] = []
  let word: Word | undefined
  let open: Line['open'] = ''
  let foreign: string | undefined
  for (const { 0: piece, index, groups = {} } of line.matchAll(PIECES)) {
    const { blank, single, singleEnd, double, doubleEnd, escaped, plain } = groups
    if (blank !== undefined) {
      word = undefined
      continue
    }
    if (word === undefined) {
      if (piece.startsWith('#')) break
      word = { text: '', from: index }
      words.push(word)
    }
    if (single !== undefined) {
      word.text += single
      if (singleEnd === '') open = "'"
    } else if (double !== undefined) {
      foreign ??= SUBSTITUTION.exec(double.replace(/\\./gs, ''))?.[0]
      word.text += double.replace(/\\(["\\$`])/g, '$1')
      if (doubleEnd === '') open = '"'
    } else if (escaped !== undefined) {
      word.text += escaped
      if (escaped === '') open = '\\'
    } else if (plain !== undefined) {
      foreign ??= OPERATOR.exec(plain)?.[0]
      word.text += index === word.from && TILDE.test(line.slice(index)) ? userHome + plain.slice(1) : plain
    }
  }
  return { words, open, isBetween: word === undefined, foreign }
}

/** Whether the first word of a line is none of a command. */
export const isProgram = (word: string | undefined): boolean => word === 'efs' || word === 'efscli'

/** The words of a command as `efs` gets them; none of an empty line. `?` and `efs` alone are help. @throws USAGE */
export function commandWords(typed: string, userHome: string): string[] {
  if (Buffer.byteLength(typed) > LIMITS.toolboxLineBytesMax)
    throw new EfsError('USAGE', `a line of more than ${LIMITS.toolboxLineBytesMax} bytes`)
  const { words, open, foreign } = lineOf(typed, userHome)
  if (foreign !== undefined) {
    throw new EfsError('USAGE', `the toolbox runs the commands of efs and is no shell: it does not know ${foreign}`, {
      hint: "for pipes, files and variables leave it; what is meant as it is stands in '…'",
    })
  }
  if (open === '\\') throw new EfsError('USAGE', 'the line ends in a backslash', { hint: 'a command is one line here' })
  if (open !== '') throw new EfsError('USAGE', `nothing closes the ${open}`, { hint: `put another ${open} behind it` })
  const texts = words.map(({ text }) => text)
  if (texts[0] === '?') return ['help', ...texts.slice(1)]
  if (!isProgram(texts[0])) return texts
  return texts.length === 1 ? ['help'] : texts.slice(1)
}

/** The end of a word that begins with `typed`, written so that it is `rest` once it is read. */
export function quotedRest(rest: string, open: Line['open']): string {
  if (open === "'") return rest.replaceAll("'", `'\\''`)
  if (open === '"') return rest.replace(/["\\$`]/g, '\\$&')
  return rest.replace(/[\s'"\\|&;<>()`$#~*?![\]{}]/g, '\\$&')
}
