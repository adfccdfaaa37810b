import { BARS } from './sparkline.js'

/** What the terminal can show, decided once from the environment and the flags. */
export interface Screen {
  /** The sign of what went well, and of what did not. */
  readonly yes: string
  readonly no: string
  /** Of a line of bars, from none to most. */
  readonly bars: string
  /** Whether stderr is a terminal on which progress may be drawn. */
  readonly live: boolean
}

export const PLAIN_SCREEN: Screen = { yes: 'ok', no: 'x', bars: BARS.ascii, live: false }

/** `env` is the process environment. NO_COLOR, `--no-color` and pipes get no colour; other locales get ASCII signs. */
export async function screenFor(env: NodeJS.ProcessEnv, tty: boolean, noColor: boolean): Promise<Screen> {
  const isDumb = !tty || env.TERM === 'dumb'
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const signs = /utf-?8/i.test(locale) ? { yes: '✔', no: '✖', bars: BARS.fine } : PLAIN_SCREEN
  if (isDumb || noColor || (env.NO_COLOR ?? '') !== '') return { ...signs, live: !isDumb }
  // Loaded late: scripts need no colours, and loading takes a tenth of a short command.
  const { Chalk } = await import('chalk')
  const paint = new Chalk({ level: 1 })
  return { ...signs, yes: paint.green(signs.yes), no: paint.red(signs.no), live: true }
}
