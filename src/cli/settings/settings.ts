import { readFileSync } from 'node:fs'
import path from 'node:path'
import { writeFileDurably } from '../../base/durable-file.js'
import { EfsError, ifThere } from '../../base/errors.js'
import { withLockFile } from '../../base/lock-file.js'
import { makeFolder } from '../../base/make-folder.js'
import { SETTING_KEYS, type SettingKey, settingRule, settingValue } from './rules.js'

export interface Setting {
  readonly value: string
  /** A flag, a variable, the path of the file, or `default`. */
  readonly from: string
}

type InFile = { readonly [key in SettingKey]?: string }

/** What counts: the flag, else the environment, else the user's file, else the default. */
export class Settings {
  readonly file: string
  #inFile: InFile | undefined

  /** `folder`: that of the user's own settings. Nothing is read yet. */
  constructor(
    private readonly env: Readonly<Record<string, string | undefined>>,
    folder: string,
  ) {
    this.file = path.join(folder, 'config.json')
  }

  /** `flag`: what was typed for it, if anything. @throws USAGE, also for a file that counts for nothing here but is broken */
  get(key: SettingKey, flag?: string): Setting {
    const kept = this.kept()[key]
    const rule = settingRule(key)
    if (flag !== undefined) return { value: settingValue(rule, flag, rule.flag), from: rule.flag }
    const given = this.env[rule.variable]
    if (given) return { value: settingValue(rule, given, rule.variable), from: rule.variable }
    if (key === 'color' && this.env.NO_COLOR) return { value: 'never', from: 'NO_COLOR' }
    if (kept !== undefined) return { value: kept, from: this.file }
    return { value: rule.initial(this.env), from: 'default' }
  }

  /** What the file has. @throws USAGE, REFUSED */
  kept(): InFile {
    this.#inFile ??= parse(
      this.file,
      ifThere(() => readFileSync(this.file, 'utf8')),
    )
    return this.#inFile
  }

  /** Undefined takes it away. Durable when the promise settles. @throws USAGE; CONFLICT */
  async set(key: SettingKey, value: string | undefined): Promise<{ readonly changed: boolean }> {
    await makeFolder(path.dirname(this.file), 0o700)
    return withLockFile(`${this.file}.lock`, async () => {
      this.#inFile = undefined
      const before = this.kept()
      if (before[key] === value) return { changed: false }
      const after = { ...before, [key]: value }
      await writeFileDurably(this.file, Buffer.from(`${JSON.stringify(after, SETTING_KEYS.slice(), 2)}\n`))
      this.#inFile = undefined
      return { changed: true }
    })
  }
}

/** The absolute path of the home that counts; `flag` is what `--home` gives. @throws USAGE */
export const homeOf = (settings: Settings, flag: string | undefined): string =>
  path.resolve(settings.get('home', flag).value)

/** @throws USAGE */
function parse(file: string, text: string | undefined): InFile {
  if (text === undefined) return {}
  const content = jsonOf(file, text)
  if (typeof content !== 'object' || content === null || Array.isArray(content)) throw broken(file, 'no JSON object')
  const pairs = Object.entries(content).map(([key, value]: [string, unknown]) => {
    const rule = settingRule(key, `${file}: `)
    if (typeof value !== 'string' && typeof value !== 'number') throw broken(file, `${key} has no value`)
    if (key === 'home' && !path.isAbsolute(String(value))) throw broken(file, 'home is not an absolute path')
    return [key, settingValue(rule, String(value), `${file}: ${key}`)]
  })
  return Object.fromEntries(pairs)
}

function jsonOf(file: string, text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw broken(file, 'not JSON', cause)
  }
}

const broken = (file: string, why: string, cause?: unknown): EfsError =>
  new EfsError('USAGE', `${file} is broken: ${why}`, { hint: 'put it right; or delete it, and efs config set', cause })
