import { readFileSync, statSync } from 'node:fs'
import { EfsError, systemCode } from '../../base/errors.js'
import { type SegmentGuid, segmentGuid } from '../../model/ids.js'
import type { Segment } from '../../model/segment.js'
import { isRunning, type ProcessIdentity, thisProcess } from '../../store/process-identity.js'
import { gatewayFiles } from './files.js'

/** The process that is the gateway of a segment. */
export interface GatewayState {
  readonly process: ProcessIdentity
  /** The folder that it works in, as the file system knows it: a copy of the home has a copy of this, too. */
  readonly folder: string
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
  const mine = { process: thisProcess(), folder: folderOf(home), segment: guid, version, startedMs, ready: false }
  await running.change(NAME, (text) => {
    const other = parseState(text)
    if (other !== undefined && !isMine(other) && isLive(other, home)) throw isSecond(other)
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
    return { after: state !== undefined && isMine(state) ? undefined : text, result: undefined }
  })

const isMine = ({ process: { pid, startTicks, boot } }: GatewayState): boolean => {
  const own = thisProcess()
  return pid === own.pid && startTicks === own.startTicks && boot === own.boot
}

const isLive = (state: GatewayState, home: string): boolean =>
  state.folder === folderOf(home) && isRunning(state.process)

const isSecond = ({ process: { pid } }: GatewayState): EfsError =>
  new EfsError('CONFLICT', `a gateway runs for this segment already (pid ${pid})`, {
    hint: 'efs gateway status shows it; efs gateway stop ends it',
  })

function folderOf(home: string): string {
  const { dev, ino } = statSync(home, { bigint: true })
  return `${dev}:${ino}`
}

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
    const fields = recordOf(JSON.parse(text))
    const { pid, startTicks, boot } = recordOf(fields.process)
    return {
      process: { pid: numberOf(pid), startTicks: numberOf(startTicks), boot: String(boot) },
      folder: String(fields.folder),
      segment: segmentGuid(String(fields.segment)),
      version: String(fields.version),
      startedMs: numberOf(fields.startedMs),
      ready: fields.ready === true,
    }
  } catch {
    return undefined
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) throw new TypeError('not an object')
  return value as Readonly<Record<string, unknown>>
}

function numberOf(value: unknown): number {
  if (!Number.isSafeInteger(value)) throw new TypeError('not a number')
  return Number(value)
}
