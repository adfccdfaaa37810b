import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { type Clock, systemClock } from '../base/clock.js'
import type { Segment } from '../model/segment.js'

/** What a use-case needs from outside. */
export interface App {
  /** Absolute path of the home to work in. */
  readonly home: string
  /** Absolute path of the folder with the user's own settings and secrets. */
  readonly config: string
  readonly clock: Clock
  /** Where secrets are, beside the file that always serves. */
  readonly secrets: SecretSources
  /** The S3 server; absent: Amazon's, or what the SDK's own configuration names. */
  readonly s3Endpoint?: string
  /** A file with the certificates of all authorities that vouch for S3 servers; absent: those that Node knows. */
  readonly s3Authorities?: string
  /** Says something to the user that is not data. */
  note(line: string): void
}

export interface SecretSources {
  /** `try`: the keyring of this machine, where one answers. `absent`: there can be none. `off`: none is wanted. */
  readonly keyring: 'try' | 'absent' | 'off'
  /** Stands in where nothing is kept for a service or an address. */
  readonly fromEnvironment?: string
}

export interface AppOptions {
  readonly home: string
  readonly note: (line: string) => void
  /** Where not given: `~/.config/efs`. */
  readonly config?: string
  readonly clock?: Clock
  /** Where not given: the file alone. */
  readonly secrets?: SecretSources
  readonly s3Endpoint?: string
  readonly s3Authorities?: string
}

export const openApp = (options: AppOptions): App => ({
  home: options.home,
  config: options.config ?? path.join(homedir(), '.config', 'efs'),
  clock: options.clock ?? systemClock,
  secrets: options.secrets ?? { keyring: 'off' },
  ...(options.s3Endpoint === undefined ? {} : { s3Endpoint: options.s3Endpoint }),
  ...(options.s3Authorities === undefined ? {} : { s3Authorities: options.s3Authorities }),
  note: options.note,
})

/** Opens the home, lends it, closes it. @throws NOT_FOUND where no segment is, NEWER_FORMAT, REFUSED on a network disk */
export const withSegment = <T>(app: App, use: (segment: Segment) => Promise<T>): Promise<T> => lend(app, true, use)

/** The same, sooner, for who reads and writes no content. */
export const withRecords = <T>(app: App, use: (segment: Segment) => Promise<T>): Promise<T> => lend(app, false, use)

async function lend<T>(app: App, content: boolean, use: (segment: Segment) => Promise<T>): Promise<T> {
  const store = await import('../store/segment.js')
  return store.withSegment(app.home, { clock: app.clock, content }, (segment) => {
    tellUnadopted(app, segment)
    return use(segment)
  })
}

export const hasSegment = ({ home }: App): boolean => existsSync(path.join(home, 'segment.json'))

/** The same where there is a segment, else without one. */
export const withSegmentIfAny = <T>(app: App, use: (segment: Segment | undefined) => Promise<T>): Promise<T> =>
  hasSegment(app) ? withSegment(app, use) : use(undefined)

/** What somebody has to say before this home may talk to a peer. */
export function tellUnadopted(app: App, { unadopted, home }: Segment): void {
  if (!unadopted) return
  app.note(`${home} was copied, moved or restored: links pause until you say which`)
  app.note(`     efs --home ${home} system adopt --moved (there is no other) or --copied (the other one lives on too)`)
}
