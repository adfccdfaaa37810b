import { mkdirSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LMDB_MAY_ABORT } from '../store/faulty-writers.js'
import { type Ended, noise, World } from './world.js'

/** One row of the table of disks that fail in docs/errors.md, by its first column. */
interface Row {
  readonly cause: string
  readonly code: string
  readonly exit: number
  readonly says: RegExp
  /** The system calls that fail, the file that they are made to, and how they fail. */
  readonly calls: string
  readonly file: string
  readonly error: string
}

const PACK = 'home/packs/00000001.pack'
const INDEX = 'home/index.mdb'
const PAGES = 'pwrite64,writev,pwritev'
const FULL = /^efs: the disk that holds \/.*\/home is full$/
const FAILED = /^efs: reading or writing \/.*\/home failed: \S.*$/

const ROWS: readonly Row[] = [
  {
    cause: 'no room for a pack',
    code: 'DISK_FULL',
    exit: 1,
    says: FULL,
    calls: 'pwritev',
    file: PACK,
    error: 'ENOSPC',
  },
  {
    cause: 'a pack that cannot be written',
    code: 'IO',
    exit: 1,
    says: FAILED,
    calls: PAGES,
    file: PACK,
    error: 'EIO',
  },
  {
    cause: 'a pack that cannot be synced',
    code: 'IO',
    exit: 1,
    says: FAILED,
    calls: 'fdatasync',
    file: PACK,
    error: 'EIO',
  },
  {
    cause: 'an index that cannot be written',
    code: 'IO',
    exit: 1,
    says: FAILED,
    calls: PAGES,
    file: INDEX,
    error: 'EIO',
  },
  {
    cause: 'too many open files',
    code: 'IO',
    exit: 1,
    says: /^efs: too many files are open to read or write \/.*\/home$/,
    calls: 'openat',
    file: PACK,
    error: 'EMFILE',
  },
  {
    cause: 'a read-only disk',
    code: 'REFUSED',
    exit: 8,
    says: /^efs: the disk that holds \/.*\/home is read-only$/,
    calls: PAGES,
    file: PACK,
    error: 'EROFS',
  },
]

/** Runs `efs` while calls fail. */
function efsFailing(world: World, { calls, file, error }: Row, ...args: string[]): Ended {
  const faults = ['-P', world.at(file), '-e', `trace=${calls}`, '-e', `inject=${calls}:error=${error}`]
  return world.run(
    'strace',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-o',
    '/dev/null',
    ...faults,
    process.execPath,
    world.program,
    ...args,
  )
}

/** What LMDB says by itself, not always with a line end. */
const withoutLmdb = (stderr: string): string =>
  stderr.replace(/^(?:Write error: .*? position \d+, size \d+|mdb_page_spill (?:flushing )?error \d+\n)+/, '')

const PUT = ['object', 'put', 'Hawaii/Cola/bk1/file', 'file']
const SYNC = ['sync', './folder', 'Hawaii/Cola/bk1']

for (const row of ROWS) {
  test(`${row.cause}: one clear line, exit ${row.exit}, nothing lost, and it goes on`, LMDB_MAY_ABORT, () => {
    const world = new World()
    world.write('file', noise(1, 5000))
    for (let i = 0; i < 20; i++) world.write(`folder/${i}`, noise(i + 2, 3000))
    world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
    const command = row.code === 'REFUSED' ? SYNC : PUT
    const { status, stdout, stderr } = efsFailing(world, row, ...command)
    const [said = '', hint = '', ...more] = withoutLmdb(stderr).split('\n')
    expect(said).toMatch(row.says)
    expect(hint).toMatch(/^ {5}\S.*, then run the same command again: it goes on from there$/)
    expect({ more, status, stdout }).toEqual({ more: [''], status: row.exit, stdout: '' })
    expect(world.efs('object', 'list', 'Hawaii/Cola/bk1')).toEqual({ status: 0, stdout: '', stderr: '' })
    expect(world.efs(...command).status).toBe(0)
    expect(world.efs('system', 'check', '--read-data').status).toBe(0)
  })
}

test('a folder that cannot be made, as the disk is read-only, is told as that and not as missing', () => {
  const world = new World()
  mkdirSync(world.at('ro'))
  const line = 'mount -t tmpfs -o ro none ro && exec "$@"'
  const on = (...args: string[]) =>
    world.run(
      'unshare',
      '-m',
      'sh',
      '-c',
      line,
      'sh',
      'env',
      `XDG_CONFIG_HOME=${world.at('ro')}`,
      process.execPath,
      world.program,
      ...args,
    )
  for (const args of [
    ['--home', 'ro/a/home', 'system', 'init'],
    ['--home', 'ro/home', 'bucket', 'create', 'Hawaii/Cola/bk1'],
    ['config', 'set', 'jobs', '4'],
  ])
    expect(on(...args), args.join(' ')).toMatchObject({ status: 8, stderr: expect.stringMatching(/^efs: .*read-only/) })
})

test('each row of disks that fail in docs/errors.md is tested here', () => {
  const sections = readFileSync('docs/errors.md', 'utf8').split('\n## ')
  const table = sections.find((section) => section.startsWith('Disks that fail')) ?? ''
  const documented = [...table.matchAll(/^\| (\S.+?) \| `([A-Z_]+)` \| (\d+) \|/gm)].map(([, ...cells]) =>
    cells.join(' '),
  )
  expect(documented.sort()).toEqual(ROWS.map(({ cause, code, exit }) => `${cause} ${code} ${exit}`).sort())
})
