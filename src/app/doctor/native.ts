import { lstatSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { failed, passed } from '../../model/finding.js'
import type { DoctorFinding } from './finding.js'

/** What ships as a binary, and a use of it that tells whether it works here. */
const PARTS: Readonly<Record<string, () => Promise<void>>> = { lmdb, blake3, zstd, xattr, koffi }

/** One finding for each part that does not work, or one for all. */
export async function* nativeTests(parts = PARTS): AsyncGenerator<DoctorFinding> {
  let isWell = true
  for (const [name, use] of Object.entries(parts)) {
    try {
      await use()
    } catch (error) {
      isWell = false
      const why = (error instanceof Error ? error.message : String(error)).split('\n', 1)[0]
      const hint = `install efs anew on this machine, whose native parts are those of ${process.platform}-${process.arch}`
      yield failed('native', `${name} does not work here: ${why}`, hint)
    }
  }
  if (isWell) yield passed('native', `${Object.keys(parts).join(', ')} work`)
}

async function lmdb(): Promise<void> {
  const { openFile } = await import('../../store/index/tables.js')
  await withFolder(async (folder) => {
    const root = openFile(path.join(folder, 'index.mdb'), false)
    root.putSync(Buffer.of(1), Buffer.of(2))
    const found = root.get(Buffer.of(1))
    await root.close()
    if (found?.[0] !== 2) throw new Error('it does not give back what was put')
  })
}

async function blake3(): Promise<void> {
  const { HASH_OF_NOTHING, hashHex } = await import('../../base/hash.js')
  if (hashHex(new Uint8Array()) !== HASH_OF_NOTHING) throw new Error('it hashes wrongly')
}

async function zstd(): Promise<void> {
  const { compressed, decompressed, loadCompression } = await import('../../base/compression.js')
  await loadCompression()
  const plain = Buffer.alloc(1000, 'efs')
  const small = compressed(plain)
  if (small === undefined || !plain.equals(decompressed(small, plain.length))) {
    throw new Error('it does not give back what was compressed')
  }
}

async function xattr(): Promise<void> {
  const { readXattrs } = await import('../../endpoints/directory/xattrs.js')
  readXattrs(tmpdir())
}

/** What it is here for: times to the nanosecond. */
async function koffi(): Promise<void> {
  const { timeSetter } = await import('../../endpoints/directory/times.js')
  await withFolder(async (folder) => {
    const wanted = 1_700_000_000_123_456_789n
    const set = await timeSetter()
    set(folder, wanted)
    if (lstatSync(folder, { bigint: true }).mtimeNs !== wanted) throw new Error('times of files lose their nanoseconds')
  })
}

async function withFolder(use: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(path.join(tmpdir(), 'efs-doctor-'))
  try {
    await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
