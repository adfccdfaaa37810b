import { string } from '@oclif/core/flags'
import { acceptedOf, type flagOf } from '../../model/settings-text.js'

type Field = Parameters<typeof flagOf>[0]
type Letter = 'C' | 'R' | 'S' | 'c' | 'e' | 'n' | 'o' | 'q' | 'r' | 's' | 't'

const helpGroup = 'SETTINGS'

/** The values stay text: one table reads them, whatever the command. */
const setting = (field: Field, char: Letter | undefined, summary: string) =>
  string({
    ...(char === undefined ? {} : { char }),
    summary: `${summary}: ${acceptedOf(field)}`,
    helpValue: 'VALUE',
    helpGroup,
  })

const options = string({
  char: 'o',
  summary: "a user's own keys; Delete-After=30d, chunking=fixed or fastcdc, compression=off",
  helpValue: 'K=V,K=V',
  helpGroup,
})

const everywhere = {
  'replication-count': setting('replicationCount', 'r', 'copies (kept, not used)'),
  'sync-put': setting('syncPut', 'R', 'copies before a put is acknowledged (kept, not used)'),
  'select-policy': setting('selectPolicy', 'S', 'how a place is chosen (kept, not used)'),
  'ec-data-mode': setting('ecDataMode', 'c', 'erasure code (kept, not used)'),
  'ec-trigger-policy-timeout': setting('ecTriggerPolicyTimeout', 'C', 'age at which to encode (kept, not used)'),
  options,
}

const tenant = {
  ...everywhere,
  'number-of-versions': setting('numberOfVersions', 'n', 'versions kept of each object'),
  'encryption-enabled': string({ char: 'e', summary: 'refused: nothing encrypts yet', helpValue: '1', helpGroup }),
}

const object = { 'chunk-size': setting('chunkSize', 's', 'average size of a chunk, for new content'), ...tenant }

const bucket = {
  ...object,
  quota: setting('quota', 'q', 'bytes that its objects may have together'),
  'quota-count': setting('quotaCount', undefined, 'objects that it may have'),
  'file-object-transparency': setting('fileObjectTransparency', 't', 'objects shown as files (kept, not used)'),
}

/** The settings flags of each level; `parseSettings` reads their values. */
export const SETTINGS_FLAGS = { cluster: everywhere, tenant, bucket, object }
