import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { casesTable, endpointContract } from '../contracts/endpoint/contract.js'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { KINDS } from './kinds.js'

let ceph: Ceph
beforeAll(async () => {
  ceph = await startCeph()
}, 200_000)
afterAll(() => ceph.end())

const kinds = KINDS(() => ceph)

for (const kind of kinds) endpointContract(kind)

test('each case runs for each kind that has what it needs (vitest -u accepts a change)', async () => {
  await expect(casesTable(kinds)).toMatchFileSnapshot(path.resolve('test/fixtures/endpoint-cases.txt'))
})
