import { SERVICE_TYPES, type ServiceType } from '../../model/service.js'
import { ABOUT_ISGW } from '../../service/about.js'
import { keysOf } from '../../service/types.js'

/** A key of a type of service, in words. */
export interface KeyWords {
  readonly key: string
  readonly type: ServiceType
  /** What it is for. */
  readonly about: string
  /** Completes "it takes …". */
  readonly takes: string
  /** What a new service has. */
  readonly initial: string
  /** Completes "its value is kept, but …"; absent where something is done with it. */
  readonly idle?: string
  readonly isSecret: boolean
}

const ABOUT: Readonly<Record<ServiceType, Readonly<Record<string, string>>>> = { isgw: ABOUT_ISGW }

/** Of all types, in the order in which they are shown. */
export const keyWords = (): KeyWords[] =>
  SERVICE_TYPES.flatMap((type) =>
    keysOf(type).map((rule) => {
      const idle = rule.idle?.('')
      return {
        key: rule.key,
        type,
        about: ABOUT[type][rule.key] ?? '',
        takes: rule.accepted,
        initial: rule.initial,
        isSecret: rule.kind === 'secret',
        ...(idle === undefined ? {} : { idle }),
      }
    }),
  )
