import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import { nearest } from '../../base/nearest.js'
import { fromOwn, ownFolder } from '../../base/own-folder.js'
import { parseSize } from '../../model/size.js'

type Environment = Readonly<Record<string, string | undefined>>

/** What a user can set once. */
export interface SettingRule {
  readonly key: SettingKey
  /** Completes "it takes …". */
  readonly accepted: string
  /** What it is for, in a few words. */
  readonly summary: string
  /** The flag that counts before all else. */
  readonly flag: string
  /** The command that has that flag, where not all have. */
  readonly of?: string
  /** The variable that counts before the file. */
  readonly variable: string
  readonly initial: (env: Environment) => string
  /** The value as it is kept; undefined where it is none. */
  read(text: string): string | undefined
  readonly words?: readonly string[]
}

export const SETTING_KEYS = ['home', 'jobs', 'bwlimit', 'color'] as const
export type SettingKey = (typeof SETTING_KEYS)[number]

export const NO_LIMIT = 'none'

const RULES: Readonly<Record<SettingKey, SettingRule>> = {
  home: {
    key: 'home',
    accepted: 'a folder',
    summary: 'the segment to work in',
    flag: '--home',
    variable: 'EFS_HOME',
    initial: homeOf,
    read: (text) => (text === '' || text.includes('\0') ? undefined : path.resolve(fromOwn(text))),
  },
  jobs: {
    key: 'jobs',
    accepted: 'a whole number of at least 1',
    summary: 'parcels in flight',
    flag: '--jobs',
    of: 'sync',
    variable: 'EFS_JOBS',
    initial: () => String(LIMITS.parcelsInFlightMax),
    read: (text) => (/^[1-9]\d{0,8}$/.test(text) ? text : undefined),
  },
  bwlimit: {
    key: 'bwlimit',
    accepted: `bytes a second, as in 10M, or ${NO_LIMIT}`,
    summary: 'bytes a second that a sync moves at most',
    flag: '--bwlimit',
    of: 'sync',
    variable: 'EFS_BWLIMIT',
    initial: () => NO_LIMIT,
    read: (text) => (text === NO_LIMIT || (parseSize(text) ?? 0) > 0 ? text : undefined),
    words: [NO_LIMIT],
  },
  color: {
    key: 'color',
    accepted: 'auto or never',
    summary: 'colours on a terminal',
    flag: '--no-color',
    variable: 'EFS_COLOR',
    initial: () => 'auto',
    read: (text) => (text === 'auto' || text === 'never' ? text : undefined),
    words: ['auto', 'never'],
  },
}

export const SETTING_RULES: readonly SettingRule[] = SETTING_KEYS.map((key) => RULES[key])

/** @throws USAGE with the nearest that there is; `where` names the file that has it */
export function settingRule(key: string, where = ''): SettingRule {
  const found = SETTING_KEYS.find((one) => one === key)
  if (found !== undefined) return RULES[found]
  const near = nearest(key, SETTING_KEYS)
  throw new EfsError('USAGE', `${where}no setting ${JSON.stringify(key.slice(0, 80))}`, {
    hint: near === undefined ? `there is ${SETTING_KEYS.join(', ')}` : `did you mean ${near}?`,
  })
}

/** @throws USAGE with what it takes, and the nearest; `where` is what gave the value */
export function settingValue(rule: SettingRule, text: string, where: string = rule.key): string {
  const value = rule.read(text)
  if (value !== undefined) return value
  const near = nearest(text, rule.words ?? [])
  throw new EfsError('USAGE', `${where} does not take ${JSON.stringify(text.slice(0, 300))}`, {
    hint: `it takes ${rule.accepted}${near === undefined ? '' : `; did you mean ${near}?`}`,
  })
}

/** The platform's folder for data. */
function homeOf(env: Environment): string {
  if (process.platform === 'darwin') return path.join(ownFolder(), 'Library', 'Application Support', 'efs')
  return path.join(env.XDG_DATA_HOME || path.join(ownFolder(), '.local', 'share'), 'efs')
}
