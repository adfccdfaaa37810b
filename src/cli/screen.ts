import { Chalk, type ChalkInstance } from 'chalk'

/** What the terminal can show, decided once from the environment and the flags. */
export interface Screen {
  readonly paint: ChalkInstance
  readonly yes: string
  readonly no: string
  /** Whether stderr is a terminal on which progress may be drawn. */
  readonly live: boolean
}

/** `env` is the process environment. NO_COLOR, `--no-color` and pipes get no colour; other locales get ASCII signs. */
export function screenFor(env: NodeJS.ProcessEnv, tty: boolean, noColor: boolean): Screen {
  const plain = noColor || !tty || (env.NO_COLOR ?? '') !== '' || env.TERM === 'dumb'
  const paint = new Chalk({ level: plain ? 0 : 1 })
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || ''
  const utf8 = /utf-?8/i.test(locale)
  return {
    paint,
    yes: paint.green(utf8 ? '✔' : 'ok'),
    no: paint.red(utf8 ? '✖' : 'x'),
    live: tty && env.TERM !== 'dumb',
  }
}
