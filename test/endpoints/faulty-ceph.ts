import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { type Ceph, startCeph } from '../tools/ceph.js'
import { type FaultyS3, startFaultyS3 } from '../tools/faulty-s3.js'

/** One Ceph for a file of tests; each test has a faulty server before it, and a bucket of its own. `begin` is told of them. */
export function eachWithFaultyCeph(
  name: string,
  begin: (at: { readonly ceph: Ceph; readonly faulty: FaultyS3; readonly bucket: string }) => void,
): void {
  let ceph: Ceph
  let faulty: FaultyS3
  let nth = 0
  beforeAll(async () => {
    ceph = await startCeph()
  }, 200_000)
  afterAll(() => ceph.end())
  beforeEach(async () => {
    faulty = await startFaultyS3(ceph.access.endpoint)
    const bucket = `${name}-${nth++}`
    await ceph.makeBucket(bucket)
    begin({ ceph, faulty, bucket })
  })
  afterEach(() => faulty.end())
}
