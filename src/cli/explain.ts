import { readFileSync } from 'node:fs'
import { keyWords } from '../app/services/key-words.js'
import { EfsError, ERRORS } from '../base/errors.js'
import { nearest } from '../base/nearest.js'
import { EXIT_CODES } from './exit-codes.js'
import { keyFlag } from './flags/service.js'
import { SETTING_RULES } from './settings/rules.js'

export interface Explanation {
  readonly word: string
  readonly kind: 'key' | 'code' | 'exit' | 'setting'
  readonly about: Readonly<Record<string, string>>
}

/** From the tables that the program itself goes by. @throws NOT_FOUND with the nearest */
export function explain(word: string): Explanation {
  const all = [...keys(), ...codes(), ...exits(), ...settings()]
  const found = all.find((one) => one.word.toLowerCase() === word.toLowerCase())
  if (found !== undefined) return found
  const near = nearest(
    word,
    all.map((one) => one.word),
  )
  throw new EfsError('NOT_FOUND', `nothing is known of ${JSON.stringify(word.slice(0, 80))}`, {
    hint:
      near === undefined
        ? 'it explains keys (X-ISGW-Direction), codes of errors (GUARD), exit codes (6) and settings (jobs)'
        : `did you mean ${near}?`,
  })
}

const keys = (): Explanation[] =>
  keyWords().map(({ key, type, about, takes, initial, idle, isSecret }) => {
    const flag = keyFlag(key)
    return {
      word: key,
      kind: 'key',
      about: {
        key: `of a service of type ${type}: ${about}`,
        takes,
        new: initial,
        ...(flag === undefined ? {} : { flag: `--${flag} of service create` }),
        set: `efs service config NAME ${key} ${isSecret ? '-' : 'VALUE'}`,
        ...(idle === undefined ? {} : { note: `its value is kept, but ${idle}` }),
      },
    }
  })

function codes(): Explanation[] {
  const rows = errorRows()
  return Object.entries(ERRORS).map(([code, { exit, retry }]) => {
    const { when = '', remedy = '' } = rows.get(code) ?? {}
    const again = retry ? 'the same may succeed later' : 'not before something has changed'
    return { word: code, kind: 'code', about: { code: when, exit: String(exit), do: remedy, again } }
  })
}

const exits = (): Explanation[] => {
  const rows = errorRows()
  return EXIT_CODES.map(([exit, means]) => {
    const own = Object.entries(ERRORS).filter(([, error]) => error.exit === exit)
    const each = own.map(([code]) => [code, rows.get(code)?.when ?? ''])
    return { word: String(exit), kind: 'exit', about: { exit: means, ...Object.fromEntries(each) } }
  })
}

const settings = (): Explanation[] =>
  SETTING_RULES.map(({ key, summary, accepted, flag, of, variable, initial }) => ({
    word: key,
    kind: 'setting',
    about: {
      setting: summary,
      takes: accepted,
      flag: of === undefined ? flag : `${flag} of ${of}`,
      variable,
      default: initial(process.env),
      set: `efs config set ${key} VALUE`,
    },
  }))

/** The first table of docs/errors.md, by code. */
function errorRows(): Map<string, { readonly when: string; readonly remedy: string }> {
  const page = readFileSync(new URL('../../../docs/errors.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| `([A-Z_]+)` *\| \d+ *\| (\S.*) \| (\S.*) \|$/gm)
  return new Map(
    [...rows].map(([, code = '', when = '', remedy = '']) => [
      code,
      { when: when.replaceAll('`', ''), remedy: remedy.replaceAll('`', '') },
    ]),
  )
}
