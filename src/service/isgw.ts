import { LIMITS } from '../base/limits.js'
import type { ReplicationMode } from '../model/service.js'
import { choice, count, fixed, hostPort, type KeyRule, line, remote, secret, UNSET } from './key-rule.js'

const NO_CONTAINERS = { idle: () => 'no containers are placed here' }
const WHOLE = { idle: (value: string) => (value === '0' ? undefined : 'objects are replicated whole') }

/** The keys of an inter-segment gateway, in the order in which a new one has them. */
export const ISGW_KEYS: readonly KeyRule[] = [
  fixed('X-Service-Name'),
  fixed('X-Service-Type'),
  line('X-Description', 'Inter Segment Gateway'),
  choice('X-Auth-Type', 'disabled', { disabled: [] }),
  line('X-Servers', UNSET, NO_CONTAINERS),
  choice('X-Status', 'disabled', { disabled: [], enabled: [] }),
  hostPort('X-ISGW-Local'),
  hostPort('X-ISGW-DFLocal', WHOLE),
  remote('X-ISGW-Remote'),
  line('X-Container-Network', UNSET, NO_CONTAINERS),
  secret('X-ISGW-Basic-Auth'),
  choice(
    'X-ISGW-Role',
    UNSET,
    { 1: ['gateway'] },
    { optional: true, idle: () => 'X-ISGW-Local and X-ISGW-Remote say who calls whom' },
  ),
  choice('X-ISGW-Direction', UNSET, { 1: ['send'], 2: ['receive'], 3: ['both', 'send+receive'] }),
  choice('X-ISGW-Replication', UNSET, { 1: ['initial'], 2: ['continuous'], 3: ['initial+continuous'] }),
  choice(
    'X-ISGW-Force',
    UNSET,
    { 0: [], 1: [] },
    { optional: true, idle: () => 'efs service sync runs a full pass at any time' },
  ),
  choice('X-ISGW-MDOnly', UNSET, { 0: ['complete'], 1: ['all'], 2: ['versions'] }, WHOLE),
  count('X-ISGW-Number-Of-Connections', 2, 1, LIMITS.connectionsMax),
  choice('X-ISGW-Encrypted-Tunnel', UNSET, { 0: ['off', 'false'], 1: ['on', 'true'] }),
  count('X-ISGW-Processing-Delay', 0, 0, LIMITS.processingDelayMsMax, ' ms'),
]

/** Unset is both. */
export const canReceive = (direction: string): boolean => direction !== '1'
export const canSend = (direction: string): boolean => direction !== '2'

/** The mode in which objects travel: there is one. */
export const MODE: ReplicationMode = 0
