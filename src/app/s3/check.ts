import { realpathSync, statSync } from 'node:fs'
import path from 'node:path'
import { EfsError } from '../../base/errors.js'
import { type Address, parseAddress } from '../../model/address.js'
import type { Finding, Probe } from '../../model/finding.js'
import type { S3Address } from '../../model/s3-address.js'
import type { App } from '../app.js'
import { assertRoom, type Writing } from './room.js'
import { s3PlaceOf } from './s3.js'

/**
 * Tests what a place can do that efs relies on, in a scratch place inside it that is taken away again, and tells of each test as soon as it
 * is known. Gives whether nothing failed.
 * @throws USAGE for an address of another kind; NOT_FOUND, REFUSED, IO where nothing can be tested
 */
export async function checkEndpoint(
  app: App,
  text: string,
  tell: (finding: Finding) => Promise<void>,
  signal: AbortSignal,
): Promise<boolean> {
  let isWell = true
  await withProbes(app, parseAddress(text), signal, async (probes) => {
    for (const probe of probes) {
      signal.throwIfAborted()
      const finding = await findingOf(probe)
      signal.throwIfAborted()
      await tell(finding)
      if (finding.outcome === 'fail') isWell = false
      // Without the first the others would say the same.
      if (!isWell && probe === probes[0]) break
    }
  })
  return isWell
}

async function findingOf({ test, run }: Probe): Promise<Finding> {
  try {
    return { test, ...(await run()) }
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const hint = error instanceof EfsError ? error.hint : undefined
    return { test, outcome: 'fail', text: error.message, ...(hint === undefined ? {} : { hint }) }
  }
}

type Use = (probes: readonly Probe[]) => Promise<void>

async function withProbes(app: App, address: Address, signal: AbortSignal, use: Use): Promise<void> {
  switch (address.kind) {
    case 's3':
      return withS3(app, address, 'objects', signal, use)
    case 's3-segment':
      return withS3(app, address.at, 'segment', signal, use)
    case 'directory': {
      const { withDirectoryProbes } = await import('../../endpoints/directory/probes.js')
      return withDirectoryProbes(folderAt(address.path), signal, use)
    }
    case 'bucket':
      throw new EfsError('USAGE', 'a bucket of efs has nothing to be tried', {
        hint: 'efs system check tests a segment',
      })
    case 'remote':
      throw new EfsError('USAGE', 'a gateway is tested with the service that calls it', {
        hint: 'efs service check NAME',
      })
  }
}

async function withS3(app: App, address: S3Address, writing: Writing, signal: AbortSignal, use: Use): Promise<void> {
  const { withS3Probes } = await import('../../endpoints/s3/probes.js')
  return withS3Probes(await s3PlaceOf(app, address), { clock: app.clock, signal }, ([put, ...rest]) => {
    if (put === undefined) throw new Error('there are tests')
    // Also a test puts nothing among the objects of a segment.
    const run = () => assertRoom(app, address, writing, signal).then(put.run)
    return use([{ ...put, run }, ...rest])
  })
}

/** @throws NOT_FOUND, USAGE */
function folderAt(typed: string): string {
  const folder = path.resolve(typed)
  const found = statSync(folder, { throwIfNoEntry: false })
  if (found === undefined) throw new EfsError('NOT_FOUND', `no such folder: ${typed}`, { hint: 'check the path' })
  if (!found.isDirectory())
    throw new EfsError('USAGE', `${typed} is not a folder`, { hint: 'name the folder that it is in' })
  return realpathSync(folder)
}
