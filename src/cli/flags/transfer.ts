import { NO_LIMIT } from '../settings/rules.js'
import type { Settings } from '../settings/settings.js'
import { bytesOf, countFrom } from './flags.js'

/** `--jobs N`, else the setting. @throws USAGE */
export const jobsFrom = (flag: string | undefined, settings: Settings): { readonly jobs: number } => ({
  jobs: flag === undefined ? Number(settings.get('jobs').value) : countFrom(flag, 'jobs'),
})

/** `--bwlimit RATE`, else the setting. @throws USAGE */
export const bandwidthFrom = (flag: string | undefined, settings: Settings): { readonly bandwidth?: number } =>
  rateFrom(flag ?? settings.get('bwlimit').value)

/** Bytes a second; none has no key. @throws USAGE */
export const rateFrom = (text: string): { readonly bandwidth?: number } =>
  text === NO_LIMIT ? {} : { bandwidth: bytesOf(text, 'bwlimit', `write 500K, 10M, 1G or ${NO_LIMIT}`) }
