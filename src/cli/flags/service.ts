import { boolean, string } from '@oclif/core/flags'

/** The flags of `service create`, and the key that each sets. */
const KEY_OF = {
  description: 'X-Description',
  local: 'X-ISGW-Local',
  remote: 'X-ISGW-Remote',
  direction: 'X-ISGW-Direction',
  replication: 'X-ISGW-Replication',
  connections: 'X-ISGW-Number-Of-Connections',
  delay: 'X-ISGW-Processing-Delay',
} as const

/** The flag of `service create` that sets a key. */
export const keyFlag = (key: string): string | undefined =>
  Object.entries({ ...KEY_OF, 'encrypted-tunnel': 'X-ISGW-Encrypted-Tunnel' }).find(([, own]) => own === key)?.[0]

export const SERVICE_FLAGS = {
  description: string({ helpValue: 'TEXT', summary: 'one line for people' }),
  local: string({ helpValue: 'HOST:PORT', summary: 'where it listens' }),
  remote: string({
    helpValue: 'URL',
    summary:
      'where its peer is: ccow://HOST:PORT, ccows://HOST:PORT, file:///DIR, s3://BUCKET or s3+segment://BUCKET; - reads it from stdin',
  }),
  direction: string({ helpValue: 'WORD', summary: 'send, receive or both' }),
  replication: string({ helpValue: 'WORD', summary: 'initial, continuous or initial+continuous' }),
  'encrypted-tunnel': boolean({ summary: 'set X-ISGW-Encrypted-Tunnel' }),
  connections: string({ helpValue: 'N', summary: 'connections to the peer at once (default 2)' }),
  delay: string({ helpValue: 'MS', summary: 'milliseconds that a change may wait for others (default 0)' }),
}

type Given = { readonly [F in keyof typeof KEY_OF]?: string | undefined } & { readonly 'encrypted-tunnel': boolean }

/** Values by key. */
export function keyValues(flags: Given): Record<string, string> {
  const values: Record<string, string> = flags['encrypted-tunnel'] ? { 'X-ISGW-Encrypted-Tunnel': '1' } : {}
  for (const [flag, key] of Object.entries(KEY_OF) as [keyof typeof KEY_OF, string][]) {
    const value = flags[flag]
    if (value !== undefined) values[key] = value
  }
  return values
}
