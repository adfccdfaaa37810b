import { readFileSync } from 'node:fs'
import { EfsError, systemCode } from '../../base/errors.js'
import { fieldsOf, timeOf } from '../../base/json-fields.js'
import { type SegmentGuid, segmentGuid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import { type Holder, holderFrom, isLive, isThisProcess, thisHolder } from '../holder.js'
import { gatewayFiles } from './files.js'

/** The process that is the gateway of a segment. */
export interface GatewayState extends Holder {
  readonly segment: SegmentGuid
  readonly version: string
  /** Milliseconds since 1970. */
  readonly startedMs: number
  /** Whether it has begun to run services. */
  readonly ready: boolean
}

const NAME = 'gateway'

/** The gateway that runs for this home now; undefined where none does, whatever one that was killed left behind. */
export function runningGateway(home: string): GatewayState | undefined {
  const state = parseState(textOf(gatewayFiles(home).state))
  return state !== undefined && isLive(state, home) ? state : undefined
}

/** Makes this process the gateway of a segment. @throws CONFLICT where another one is */
export async function claimGateway(
  { running, guid, home }: Segment,
  at: Pick<GatewayState, 'version' | 'startedMs'>,
): Promise<GatewayState> {
  const { version, startedMs } = at
  const mine = { ...thisHolder(home), segment: guid, version, startedMs, ready: false }
  await running.change(NAME, (text) => {
    const other = parseState(text)
    if (other !== undefined && !isThisProcess(other) && isLive(other, home)) throw isSecond(other)
    return { after: stateText(mine), result: undefined }
  })
  return mine
}

/** Says that it has begun. */
export const tellReady = ({ running }: Segment, mine: GatewayState): Promise<void> =>
  running.change(NAME, () => ({ after: stateText({ ...mine, ready: true }), result: undefined }))

/** This process is the gateway no longer. What another one has taken over meanwhile stays. */
export const releaseGateway = ({ running }: Segment): Promise<void> =>
  running.change(NAME, (text) => {
    const state = parseState(text)
    return { after: state !== undefined && isThisProcess(state) ? undefined : text, result: undefined }
  })

const isSecond = ({ process: { pid } }: GatewayState): EfsError =>
  new EfsError('CONFLICT', `a gateway runs for this segment already (pid ${pid})`, {
    hint: 'efs gateway status shows it; efs gateway stop ends it',
  })

function textOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || systemCode(error) === 'ENOTDIR') return undefined
    throw error
  }
}

const stateText = (state: GatewayState): string => `${JSON.stringify({ format: 1, ...state })}\n`

/** Undefined also for what no gateway of this kind wrote: then none is known to run. */
function parseState(text: string | undefined): GatewayState | undefined {
  if (text === undefined) return undefined
  try {
    const fields = fieldsOf(JSON.parse(text))
    return {
      ...holderFrom(fields),
      segment: segmentGuid(String(fields.segment)),
      version: String(fields.version),
      startedMs: timeOf(fields.startedMs),
      ready: fields.ready === true,
    }
  } catch {
    return undefined
  }
}
