import { BARS } from '../text/sparkline.js'

/** What one stream of this process can show, decided once from the environment and the flags. */
export interface Screen {
  /** The sign of what went well, and of what did not. */
  readonly yes: string
  readonly no: string
  /** Of a line of bars, from none to most. */
  readonly bars: string
  /** Stands for what is left out, between parts of a line, and in a range. */
  readonly more: string
  readonly dot: string
  readonly dash: string
  readonly isAscii: boolean
  readonly hasColours: boolean
  /** How wide it is; undefined where it is no terminal, so that nothing is cut. */
  readonly columns: number | undefined
  /** Whether it may be drawn on more than once. */
  readonly live: boolean
  readonly colour: (text: string, colour: 'green' | 'red' | 'cyan') => string
}

/** As Node has it; a terminal of an unknown width has 0 columns. */
export interface Stream {
  readonly isTTY?: boolean
  readonly columns?: number
}

const FINE = { yes: '✔', no: '✖', bars: BARS.fine, more: '…', dot: '·', dash: '–', isAscii: false }
const ASCII = { yes: 'ok', no: 'x', bars: BARS.ascii, more: '...', dot: '-', dash: '-', isAscii: true }

export const PLAIN_SCREEN: Screen = {
  ...ASCII,
  hasColours: false,
  columns: undefined,
  live: false,
  colour: (text) => text,
}

/**
 * `env` is the process environment. Colours are for terminals that know them, or where FORCE_COLOR asks; NO_COLOR and `--no-color` count
 * before that. What moves is drawn on terminals alone, and not where a machine looks on (CI). Other locales get ASCII signs.
 */
export async function screenFor(env: NodeJS.ProcessEnv, stream: Stream, noColor: boolean): Promise<Screen> {
  const isKnown = stream.isTTY === true && env.TERM !== 'dumb'
  const columns = (stream.isTTY === true && stream.columns) || undefined
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const signs = /utf-?8/i.test(locale) ? FINE : ASCII
  const screen = { ...PLAIN_SCREEN, ...signs, columns, live: isKnown && columns !== undefined && !isOn(env.CI) }
  if (noColor || (env.NO_COLOR ?? '') !== '' || !(isForced(env) ?? isKnown)) return screen
  // Loaded late: scripts need no colours, and loading takes a tenth of a short command.
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: 1 })
  return {
    ...screen,
    hasColours: true,
    yes: paint.green(signs.yes),
    no: paint.red(signs.no),
    colour: (text, colour) => paint[colour](text),
  }
}

const isForced = ({ FORCE_COLOR }: NodeJS.ProcessEnv): boolean | undefined =>
  FORCE_COLOR === undefined ? undefined : isOn(FORCE_COLOR || '1')

const isOn = (value: string | undefined): boolean => value !== undefined && !['', '0', 'false'].includes(value)
