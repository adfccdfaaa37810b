import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { inherited, type Settings } from '../../src/model/settings.js'
import {
  acceptedOf,
  changedSettings,
  flagOf,
  keptOnly,
  parseSettings,
  SETTING_FIELDS,
  type SettingTexts,
} from '../../src/model/settings-text.js'

describe('a value that is accepted', () => {
  const rows: readonly [SettingTexts, Settings][] = [
    [{ 'chunk-size': '8192' }, { chunkSize: 8192 }],
    [{ 'chunk-size': '8K' }, { chunkSize: 8192 }],
    [{ 'chunk-size': '4m' }, { chunkSize: 4194304 }],
    [{ 'number-of-versions': '1' }, { numberOfVersions: 1 }],
    [{ 'replication-count': '4' }, { replicationCount: 4 }],
    [{ 'sync-put': '1' }, { syncPut: 1 }],
    [{ 'select-policy': 'latency' }, { selectPolicy: 'latency' }],
    [{ 'ec-data-mode': '9:3:rs' }, { ecDataMode: '9:3:rs' }],
    [{ 'ec-trigger-policy-timeout': '2h' }, { ecTriggerPolicyTimeout: 7200 }],
    [{ 'ec-trigger-policy-timeout': '50m' }, { ecTriggerPolicyTimeout: 3000 }],
    [{ 'ec-trigger-policy-timeout': '30' }, { ecTriggerPolicyTimeout: 30 }],
    [{ 'file-object-transparency': '0' }, { fileObjectTransparency: 0 }],
    [{ options: 'Delete-After=90' }, { options: { 'Delete-After': '90' } }],
    [{ options: 'delete-after=30d,X-DELETE-AFTER=12h' }, { options: { 'Delete-After': '43200' } }],
    [{ options: 'X-Delete-After=5m,Chunking=fixed' }, { options: { 'Delete-After': '300', chunking: 'fixed' } }],
    [{ quota: '10G' }, { quota: 10737418240 }],
    [{ 'quota-count': '0' }, { quotaCount: 0 }],
    [{ options: 'owner=bob,X-colour=dark blue' }, { options: { owner: 'bob', colour: 'dark blue' } }],
    [{ options: 'chunking=fixed' }, { options: { chunking: 'fixed' } }],
    [{ options: 'note=a=b' }, { options: { note: 'a=b' } }],
    [{}, {}],
  ]
  for (const [texts, settings] of rows) {
    test(JSON.stringify(texts), () => expect(parseSettings(texts)).toEqual(settings))
  }
})

describe('a value that is refused is named with its flag, what is accepted, and the nearest', () => {
  const rows: readonly [SettingTexts, string, string][] = [
    [{ 'chunk-size': '3000' }, '--chunk-size does not take "3000"', 'did you mean 8K?'],
    [{ 'chunk-size': '100K' }, '"100K"', 'did you mean 128K?'],
    [{ 'chunk-size': '8M' }, '"8M"', 'did you mean 4M?'],
    [{ 'chunk-size': 'big' }, '"big"', 'a power of two'],
    [{ 'number-of-versions': '0' }, '--number-of-versions', '1 or more'],
    [{ 'number-of-versions': '1.5' }, '"1.5"', '1 or more'],
    [{ 'replication-count': '5' }, '--replication-count', '1 to 4'],
    [{ 'sync-put': '0' }, '--sync-put', '1 to 4'],
    [{ 'select-policy': 'latancy' }, '--select-policy', 'did you mean latency?'],
    [{ 'ec-data-mode': '2:2:rx' }, '--ec-data-mode', 'did you mean 2:2:rs?'],
    [{ 'ec-trigger-policy-timeout': '2d' }, '--ec-trigger-policy-timeout', 'seconds'],
    [{ 'file-object-transparency': 'yes' }, '--file-object-transparency', '0 or 1'],
    [{ quota: '-5' }, '--quota', 'bytes'],
    [{ 'quota-count': '10K' }, '--quota-count', 'objects'],
    [{ options: 'owner' }, '--options does not take "owner"', 'k=v'],
    [{ options: 'a=1,,b=2' }, '--options', 'k=v'],
    [{ options: 'a=one\ntwo' }, '--options', 'k=v'],
    [{ options: 'chunking=fixd' }, '"chunking=fixd"', 'did you mean chunking=fixed?'],
    [{ options: 'Delete-After=soon' }, '--options does not take "Delete-After=soon"', 'Delete-After=SECONDS'],
    [{ options: 'Delete-After=0' }, '"Delete-After=0"', '1 or more'],
    [{ options: 'Delete-After=99999999999' }, '"Delete-After=99999999999"', '30d, 12h, 5m'],
    [{ 'encryption-enabled': '1' }, 'nothing encrypts yet', 'leave it away'],
    [{ 'encryption-enabled': '2' }, '--encryption-enabled does not take "2"', 'only 1'],
  ]
  for (const [texts, message, hint] of rows) {
    test(JSON.stringify(texts), () => {
      const failure = expect(() => parseSettings(texts))
      failure.toThrow(expect.objectContaining({ code: 'USAGE', message: expect.stringContaining(message) }))
      failure.toThrow(expect.objectContaining({ hint: expect.stringContaining(hint) }))
    })
  }
})

test('what help says is accepted names every field, and no value outlives a - or an empty text', () => {
  for (const field of SETTING_FIELDS) {
    expect(acceptedOf(field)).not.toBe('')
    for (const text of ['-', '']) {
      const change = parseSettings({ [flagOf(field)]: text })
      expect(change).toEqual({ [field]: null })
      expect(changedSettings({ chunkSize: 8192, numberOfVersions: 1, quota: 5 }, change)).not.toHaveProperty(field)
    }
  }
})

test('options change one by one, and all go with -', () => {
  const settings: Settings = { chunkSize: 8192, options: { owner: 'bob', colour: 'blue' } }
  expect(changedSettings(settings, parseSettings({ options: 'owner=eve,size=1' }))).toEqual({
    chunkSize: 8192,
    options: { owner: 'eve', colour: 'blue', size: '1' },
  })
  expect(changedSettings(settings, parseSettings({ options: 'owner=-' })).options).toEqual({ colour: 'blue' })
  expect(changedSettings(settings, parseSettings({ options: '-' }))).toEqual({ chunkSize: 8192 })
})

const settings = fc.record(
  {
    chunkSize: fc.constantFrom(8192, 65536),
    numberOfVersions: fc.integer({ min: 1, max: 9 }),
    options: fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom('1', '2'), { minKeys: 1 }),
  },
  { requiredKeys: [] },
)

test('the nearest value holds, option by option', () => {
  fc.assert(
    fc.property(fc.array(settings, { maxLength: 3 }), (chain) => {
      const effective = inherited(chain)
      expect(effective.chunkSize).toBe(chain.findLast((one) => one.chunkSize !== undefined)?.chunkSize)
      for (const key of ['a', 'b', 'c'])
        expect(effective.options?.[key]).toBe(chain.findLast((one) => one.options?.[key])?.options?.[key])
    }),
  )
})

test('a change is what differs, and changing twice is changing once', () => {
  fc.assert(
    fc.property(settings, settings, (before, change) => {
      const after = changedSettings(before, change)
      expect(after).toEqual(inherited([before, change]))
      expect(changedSettings(after, change)).toEqual(after)
    }),
  )
})

test('what this store only keeps is said in one line a reason', () => {
  const change = parseSettings({ 'replication-count': '2', 'sync-put': '1', 'chunk-size': '8K', quota: '-' })
  expect(keptOnly('bucket', change)).toEqual([
    'replication-count and sync-put are kept with the bucket, but this store keeps one copy',
  ])
  expect(keptOnly('tenant', parseSettings({ 'replication-count': '2' }))).toEqual([
    'replication-count is kept with the tenant, but this store keeps one copy',
  ])
  expect(keptOnly('bucket', parseSettings({ 'chunk-size': '8K', options: 'owner=bob' }))).toEqual([])
  expect(keptOnly('bucket', parseSettings({ options: 'Quota=1M,owner=bob' }))).toEqual([
    'X-Quota is kept with the bucket, but means nothing: --quota 1M is the setting',
  ])
  expect(keptOnly('bucket', parseSettings({ options: 'compresion=off,chunking=fixed' }))).toEqual([
    'X-compresion is kept with the bucket, but means nothing: did you mean compression=off?',
  ])
  expect(keptOnly('bucket', parseSettings({ options: 'quota=-' }))).toEqual([])
})
