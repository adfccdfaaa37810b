import { EfsError } from '../base/errors.js'
import { LIMITS } from '../base/limits.js'
import { nearest } from '../base/nearest.js'
import { EFS_OPTIONS, isOfEfs, readOptions } from './options-text.js'
import { isChunkSize, type Settings } from './settings.js'
import { parseSize, sizeText } from './size.js'
import { isUnset, refusedValue, type Typed, typedValue } from './typed-value.js'
import { secondsOf } from './when.js'

/** What can have settings. */
export type SettingLevel = 'cluster' | 'tenant' | 'bucket' | 'object'

export type SettingFlag =
  | 'chunk-size'
  | 'number-of-versions'
  | 'replication-count'
  | 'sync-put'
  | 'select-policy'
  | 'ec-data-mode'
  | 'ec-trigger-policy-timeout'
  | 'file-object-transparency'
  | 'quota'
  | 'quota-count'

/** The values of the settings flags as typed. `-` or nothing means: as inherited. */
export type SettingTexts = {
  readonly [F in SettingFlag | 'options' | 'encryption-enabled']?: string | undefined
}

/** A field without its list of options. */
type Field = Exclude<keyof Settings, 'options'>

/** What is to be changed: null takes a value away, absent leaves it. */
export type SettingsChange = { readonly [F in Field]?: Settings[F] | null } & {
  readonly options?: Readonly<Record<string, string | null>> | null
}

interface Rule<T> extends Typed<T> {
  readonly flag: SettingFlag
  /** Completes "… is kept, but …", where this store does nothing with it. */
  readonly idle?: string
}

const ONE_COPY = 'this store keeps one copy'
const EC_DATA_MODES = ['2:1:xor', '2:2:rs', '3:1:xor', '3:2:rs', '4:1:xor', '4:2:rs', '6:2:rs', '9:3:rs']
const SELECT_POLICIES = ['latency', 'capacity'] as const

const RULES: { readonly [F in Field]-?: Rule<NonNullable<Settings[F]>> } = {
  chunkSize: {
    flag: 'chunk-size',
    accepted: `a power of two from ${LIMITS.chunkBytesLeast} to ${LIMITS.chunkBytesMost}, or 8K … 4M`,
    read: chunkSize,
    near: nearChunkSize,
  },
  numberOfVersions: { flag: 'number-of-versions', accepted: '1 or more', read: (text) => whole(text, 1) },
  replicationCount: {
    flag: 'replication-count',
    accepted: '1 to 4',
    read: (text) => whole(text, 1, 4),
    idle: ONE_COPY,
  },
  syncPut: { flag: 'sync-put', accepted: '1 to 4', read: (text) => whole(text, 1, 4), idle: ONE_COPY },
  ecDataMode: {
    flag: 'ec-data-mode',
    accepted: EC_DATA_MODES.join(', '),
    read: (text) => EC_DATA_MODES.find((mode) => mode === text),
    near: (text) => nearest(text, EC_DATA_MODES),
    idle: ONE_COPY,
  },
  ecTriggerPolicyTimeout: {
    flag: 'ec-trigger-policy-timeout',
    accepted: 'seconds, or 2h, 50m, 30s',
    read: (text) => (text.endsWith('d') ? undefined : secondsOf(text)),
    idle: ONE_COPY,
  },
  selectPolicy: {
    flag: 'select-policy',
    accepted: SELECT_POLICIES.join(', '),
    read: (text) => SELECT_POLICIES.find((policy) => policy === text),
    near: (text) => nearest(text, SELECT_POLICIES),
    idle: 'this store has one place to put data',
  },
  fileObjectTransparency: {
    flag: 'file-object-transparency',
    accepted: '0 or 1',
    read: (text) => (text === '0' ? 0 : text === '1' ? 1 : undefined),
    idle: 'nothing shows objects as files yet',
  },
  quota: {
    flag: 'quota',
    accepted: 'bytes, or 10G',
    read: parseSize,
  },
  quotaCount: {
    flag: 'quota-count',
    accepted: 'a number of objects',
    read: (text) => whole(text, 0),
  },
}

export const SETTING_FIELDS = Object.keys(RULES) as readonly Field[]

export const flagOf = (field: Field): SettingFlag => RULES[field].flag

/** For help: what a flag takes. */
export const acceptedOf = (field: Field): string => RULES[field].accepted

/**
 * The flags of a command line as a change of settings.
 * @throws USAGE naming flag, value, and what is accepted
 */
export function parseSettings(texts: SettingTexts): SettingsChange {
  refuseEncryption(texts['encryption-enabled'])
  const change: Record<string, unknown> = {}
  for (const field of SETTING_FIELDS) {
    const text = texts[RULES[field].flag]
    if (text !== undefined) change[field] = isUnset(text) ? null : readValue(field, text)
  }
  return texts.options === undefined ? change : { ...change, options: readOptions(texts.options) }
}

/** The settings after a change. */
export function changedSettings(settings: Settings, change: SettingsChange): Settings {
  const { options: own = {}, ...fields } = settings
  const { options: wanted, ...others } = change
  const options = wanted === null ? {} : present({ ...own, ...wanted })
  return { ...present({ ...fields, ...others }), ...(Object.keys(options).length > 0 ? { options } : {}) }
}

/** One line for each reason why something that was set is only kept. */
export const keptOnly = (level: SettingLevel, change: SettingsChange): string[] => [
  ...idleFlags(level, change),
  ...likeOthers(level, change),
]

/** Options that mean nothing, and are named, or nearly so, as what does. */
function likeOthers(level: SettingLevel, { options }: SettingsChange): string[] {
  const flags = SETTING_FIELDS.map(flagOf)
  return Object.entries(options ?? {}).flatMap(([name, value]) => {
    if (value === null || isOfEfs(name)) return []
    const flag = flags.find((one) => one === name.toLowerCase())
    const near = nearest(name, EFS_OPTIONS)
    const meant = flag !== undefined ? `--${flag} ${value} is the setting` : near && `did you mean ${near}=${value}?`
    return meant ? [`X-${name} is kept with the ${level}, but means nothing: ${meant}`] : []
  })
}

function idleFlags(level: SettingLevel, change: SettingsChange): string[] {
  const flagsByReason = new Map<string, string[]>()
  for (const field of SETTING_FIELDS) {
    const { flag, idle } = RULES[field]
    if (idle === undefined || (change[field] ?? null) === null) continue
    flagsByReason.set(idle, [...(flagsByReason.get(idle) ?? []), flag])
  }
  return [...flagsByReason].map(([reason, flags]) => {
    const are = flags.length > 1 ? 'are' : 'is'
    return `${flags.join(' and ')} ${are} kept with the ${level}, but ${reason}`
  })
}

function present<T>(record: Readonly<Record<string, T | null>>): Record<string, T> {
  const made: Record<string, T> = {}
  for (const [name, value] of Object.entries(record)) if (value !== null) made[name] = value
  return made
}

function readValue(field: Field, text: string): string | number {
  const rule: Rule<string | number> = RULES[field]
  return typedValue(rule.flag, rule, text)
}

function refuseEncryption(text: string | undefined): void {
  if (text === undefined || isUnset(text)) return
  if (text !== '1') throw refusedValue('encryption-enabled', text, 'only 1')
  throw new EfsError('USAGE', '--encryption-enabled is refused: nothing encrypts yet', {
    hint: 'leave it away, and keep the home on a disk that is encrypted',
  })
}

function whole(text: string, least: number, most = Number.MAX_SAFE_INTEGER): number | undefined {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  return value >= least && value <= most ? value : undefined
}

function chunkSize(text: string): number | undefined {
  const bytes = parseSize(text) ?? 0
  return isChunkSize(bytes) ? bytes : undefined
}

function nearChunkSize(text: string): string | undefined {
  const bytes = parseSize(text)
  if (bytes === undefined) return undefined
  const power = 2 ** Math.round(Math.log2(Math.max(1, bytes)))
  return sizeText(Math.min(LIMITS.chunkBytesMost, Math.max(LIMITS.chunkBytesLeast, power)))
}
