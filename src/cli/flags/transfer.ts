import { NO_LIMIT } from '../settings/rules.js'
import type { Settings } from '../settings/settings.js'
import { bytesOf, countFrom } from './flags.js'

/** `--jobs N`, else the setting. @throws USAGE */
export const jobsFrom = (flag: string | undefined, settings: Settings): { readonly jobs: number } => ({
  jobs: flag === undefined ? Number(settings.get('jobs').value) : countFrom(flag, 'jobs'),
})

/** `--bwlimit RATE`, else the setting; none has no key. @throws USAGE */
export function bandwidthFrom(flag: string | undefined, settings: Settings): { readonly bandwidth?: number } {
  const text = flag ?? settings.get('bwlimit').value
  return text === NO_LIMIT ? {} : { bandwidth: bytesOf(text, 'bwlimit') }
}
