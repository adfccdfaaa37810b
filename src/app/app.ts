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
}

export const openApp = (options: AppOptions): App => ({
  home: options.home,
  config: options.config ?? path.join(homedir(), '.config', 'efs'),
  clock: options.clock ?? systemClock,
  secrets: options.secrets ?? { keyring: 'off' },
  note: options.note,
})

/** Opens the home, lends it, closes it. @throws NOT_FOUND where no segment is, NEWER_FORMAT, REFUSED on a network disk */
export async function withSegment<T>(app: App, use: (segment: Segment) => Promise<T>): Promise<T> {
  const store = await import('../store/segment.js')
  return store.withSegment(app.home, { clock: app.clock }, (segment) => {
    tellUnadopted(app, segment)
    return use(segment)
  })
}

/** The same where there is a segment, else without one. */
export async function withSegmentIfAny<T>(app: App, use: (segment: Segment | undefined) => Promise<T>): Promise<T> {
  const { existsSync } = await import('node:fs')
  return existsSync(path.join(app.home, 'segment.json')) ? withSegment(app, use) : use(undefined)
}

/** What somebody has to say before this home may talk to a peer. */
export function tellUnadopted(app: App, { unadopted, home }: Segment): void {
  if (!unadopted) return
  app.note(`${home} was copied, moved or restored: links pause until you say which`)
  app.note(`     efs --home ${home} system adopt --moved (there is no other) or --copied (the other one lives on too)`)
}
