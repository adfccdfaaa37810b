import { pathsBelow, serviceNames } from '../../app/live-names.js'

/** What a value is: something that there is, or words that are always the same. */
export type Kind =
  | 'cluster'
  | 'tenant'
  | 'bucket'
  | 'object'
  | 'place'
  | 'service'
  | 'credential'
  | 'setting'
  | 'key'
  | 'word'
  | 'file'
  | 'folder'
  | readonly string[]

/** By the name of an argument or flag, where all commands mean the same by it. */
const KINDS: Readonly<Record<string, Kind>> = {
  service: 'service',
  bucket: 'bucket',
  path: 'object',
  from: 'object',
  to: 'object',
  src: 'place',
  address: 'place',
  dst: 'place',
  a: 'place',
  b: 'place',
  file: 'file',
  'auth-file': 'file',
  home: 'folder',
  word: 'word',
  shell: ['bash', 'zsh', 'fish'],
  type: ['isgw'],
  direction: ['send', 'receive', 'both'],
  replication: ['initial', 'continuous', 'initial+continuous'],
  rights: ['read', 'write', 'read+write'],
  remote: ['ccow://', 'ccows://', 'file:///', '-'],
}

/** By command and name, where not. */
const KINDS_OF: Readonly<Record<string, Kind>> = {
  'cluster name': 'cluster',
  'tenant name': 'tenant',
  'tenant parent': 'cluster',
  'bucket name': 'bucket',
  'bucket parent': 'tenant',
  'conflict name': 'bucket',
  'service path': 'bucket',
  'credential name': 'credential',
  'config key': 'setting',
  'service key': 'key',
}

export const kindOf = (command: string, name: string): Kind | undefined =>
  KINDS_OF[`${command.split(':', 1)[0]} ${name}`] ?? KINDS[name]

/** The words that a shell completes itself. */
const SHELLS: Readonly<Record<string, string>> = { file: ':files', folder: ':folders', place: ':files' }
const DEPTHS: Readonly<Record<string, number>> = { cluster: 1, tenant: 2, bucket: 3, object: 3, place: 3 }

export interface Asking {
  readonly home: () => string
  /** What has been typed of the word. */
  readonly typed: string
  readonly credentials: () => Promise<readonly string[]>
}

/** Candidates in no order, and what the shell is to add, for `what` of a row of the table. */
export async function valuesOf(what: string, asking: Asking): Promise<string[]> {
  if (what.startsWith(':')) return what.slice(1).split(' ')
  if (what === 'service') return serviceNames(asking.home())
  if (what === 'credential') return [...(await asking.credentials())]
  const depth = DEPTHS[what]
  const shell = SHELLS[what] === undefined ? [] : [SHELLS[what]]
  return [...(depth === undefined ? [] : await paths(asking, depth, what === 'object')), ...shell]
}

/** Names one level at a time; with a slash behind them where more is to follow. */
async function paths({ home, typed }: Asking, depth: number, followed: boolean): Promise<string[]> {
  const level = typed.split('/').length
  if (level > depth || /^[./]|:/.test(typed)) return []
  const slash = level < depth || followed ? '/' : ''
  const found = await pathsBelow(home(), typed.slice(0, Math.max(0, typed.lastIndexOf('/'))))
  return found.map((path) => `${path}${slash}`)
}
