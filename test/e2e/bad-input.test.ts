import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { openApp } from '../../src/app/app.js'
import { readObject } from '../../src/app/objects/objects.js'
import { putObject } from '../../src/app/objects/put.js'
import { createName } from '../../src/app/system/names.js'
import { newStats } from '../../src/app/watch.js'
import { CONFLICT_ROWS } from './bad-conflicts.js'
import { type Row, SERVICE_ROWS } from './bad-services.js'
import { SIDE_ROWS } from './bad-sides.js'
import { type Ended, World } from './world.js'

const put = (world: World, key: string): Ended => world.efs('object', 'put', `Hawaii/Cola/bk1/${key}`, './file')

const ROWS: readonly Row[] = [
  {
    what: 'no such bucket',
    exit: 3,
    says: /^efs: no bucket Hawaii\/Cola\/bk2$/,
    run: (w) => w.efs('sync', './data', 'Hawaii/Cola/bk2'),
  },
  {
    what: 'no such tenant',
    exit: 3,
    says: /^efs: no tenant Hawaii\/Coala$/,
    run: (w) => w.efs('sync', './data', 'Hawaii/Coala/bk1'),
  },
  {
    what: 'no such folder',
    exit: 3,
    says: /^efs: no such folder: .*\/nowhere$/,
    run: (w) => w.efs('sync', './nowhere', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'no such file',
    exit: 3,
    says: /^efs: no file nowhere$/,
    run: (w) => w.efs('object', 'put', 'Hawaii/Cola/bk1/a', 'nowhere'),
  },
  {
    what: 'a plan that can be read only once',
    exit: 2,
    says: /^efs: a plan is read more than once, so it is to be a file: - is none$/,
    run: (w) => w.efsReading('{}', 'apply', '-'),
  },
  {
    what: 'a folder as a plan',
    exit: 2,
    says: /: \. is none$/,
    run: (w) => w.efs('apply', '.'),
  },
  {
    what: 'no such plan',
    exit: 3,
    says: /^efs: no such file: nowhere$/,
    run: (w) => w.efs('apply', 'nowhere'),
  },
  {
    what: 'no such object',
    exit: 3,
    says: /^efs: no object Hawaii\/Cola\/bk1\/zz$/,
    run: (w) => w.efs('object', 'get', 'Hawaii/Cola/bk1/zz', '-'),
  },
  {
    what: 'no segment there',
    exit: 3,
    says: /^efs: no segment in /,
    run: (w) => w.efs('--home', w.at('absent'), 'bucket', 'list', 'Hawaii/Cola'),
  },
  {
    what: 'another folder',
    exit: 3,
    says: /^efs: no segment in /,
    run: (w) => w.efs('--home', w.at('data'), 'bucket', 'list', 'Hawaii/Cola'),
  },
  {
    what: 'a newer format',
    exit: 1,
    says: /format 3/,
    run: (w) => {
      const file = w.at('home/segment.json')
      writeFileSync(file, readFileSync(file, 'utf8').replace(/"format":\s*1/, '"format":3'))
      return w.efs('bucket', 'list', 'Hawaii/Cola')
    },
  },
  {
    what: 'an unreadable file',
    exit: 4,
    says: /^efs: left out secret: /,
    run: (w) => {
      w.write('data/secret', 'x')
      w.run('chmod', '000', 'data/secret')
      return w.efsUnprivileged('sync', './data', 'Hawaii/Cola/bk1')
    },
  },
  {
    what: 'an unreadable file to put',
    exit: 4,
    says: /^efs: secret: /,
    run: (w) => {
      w.write('secret', 'x')
      w.run('chmod', '000', 'secret')
      return w.efsUnprivileged('object', 'put', 'Hawaii/Cola/bk1/secret', 'secret')
    },
  },
  { what: "a key with a part '..'", exit: 2, says: /^efs: bad key "a\/\.\.\/b": /, run: (w) => put(w, 'a/../b') },
  { what: "a key with a part '.'", exit: 2, says: /^efs: bad key "\.\/a": /, run: (w) => put(w, './a') },
  {
    what: 'a key of 1,025 bytes',
    exit: 2,
    says: /^efs: bad key .* has 1025 bytes/,
    run: (w) => put(w, 'k'.repeat(1025)),
  },
  {
    what: 'a key that is not UTF-8',
    exit: 2,
    says: /^efs: bad key .*not UTF-8/,
    run: (w) =>
      w.run('bash', '-c', `"$0" "$1" object put Hawaii/Cola/bk1/$'\\xff\\xfe' ./file`, process.execPath, w.program),
  },
  {
    what: 'a word that is a folder',
    exit: 2,
    says: /^efs: data is a folder, not a bucket$/,
    run: (w) => w.efs('sync', 'data', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'an unknown kind of address',
    exit: 2,
    says: /^efs: not an address: ftp:\/\/x/,
    run: (w) => w.efs('sync', 'ftp://x', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'a file where a folder belongs',
    exit: 2,
    says: /^efs: .*\/file is not a folder$/,
    run: (w) => w.efs('sync', './file', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'a bucket that exists',
    exit: 5,
    says: /^efs: .*Hawaii\/Cola\/bk1 exists/,
    run: (w) => w.efs('bucket', 'create', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'a bucket that is not empty',
    exit: 6,
    says: /^efs: .*Hawaii\/Cola\/bk1/,
    run: (w) => {
      put(w, 'a')
      return w.efs('bucket', 'delete', 'Hawaii/Cola/bk1')
    },
  },
  {
    what: 'a full bucket',
    exit: 4,
    says: /^efs: Hawaii\/Cola\/bk1\/more: Hawaii\/Cola\/bk1 of segment [\dA-F-]{9} has used up its quota of 1 object$/,
    run: (w) => {
      w.efs('bucket', 'set', 'Hawaii/Cola/bk1', '--quota-count', '1')
      return put(w, 'more')
    },
  },
  {
    what: 'a full bucket to move to',
    exit: 4,
    says: /^efs: Hawaii\/Cola\/full\/b: Hawaii\/Cola\/full of segment [\dA-F-]{9} has used up its quota of 4$/,
    run: (w) => {
      w.efs('bucket', 'create', 'Hawaii/Cola/full', '-q', '4')
      return w.efs('object', 'move', 'Hawaii/Cola/bk1/before', 'Hawaii/Cola/full/b')
    },
  },
  {
    what: 'an expiry that is no time',
    exit: 2,
    says: /^efs: --options does not take "Delete-After=soon"$/,
    run: (w) => w.efs('object', 'put', 'Hawaii/Cola/bk1/a', './file', '-o', 'Delete-After=soon'),
  },
  {
    what: 'an object to expunge that never was',
    exit: 3,
    says: /^efs: no object Hawaii\/Cola\/bk1\/zz$/,
    run: (w) => w.efs('object', 'delete', 'Hawaii/Cola/bk1/zz', '--expunge'),
  },
  { what: 'an unknown command', exit: 2, says: /^efs: no command 'efs buket'$/, run: (w) => w.efs('buket', 'list') },
  {
    what: 'an unknown flag',
    exit: 2,
    says: /^efs: .*--frobnicate/,
    run: (w) => w.efs('sync', './data', 'Hawaii/Cola/bk1', '--frobnicate'),
  },
  { what: 'a missing argument', exit: 2, says: /^efs: .*/, run: (w) => w.efs('sync', './data') },
  {
    what: 'encryption',
    exit: 2,
    says: /^efs: .*encrypt/,
    run: (w) => w.efs('bucket', 'create', 'Hawaii/Cola/bk3', '-e', '1'),
  },
  ...CONFLICT_ROWS,
  ...SERVICE_ROWS,
  ...SIDE_ROWS,
]

const BEFORE = 'Hawaii/Cola/bk1/before'
const NEVER = new AbortController().signal

for (const row of ROWS) {
  test(`${row.what}: one clear line, exit ${row.exit}, nothing lost`, async () => {
    const world = new World()
    world.write('data/kept', 'kept')
    world.write('file', 'some bytes')
    mkdirSync(world.at('other'))
    const app = openApp({ home: world.at('home'), config: world.at('config'), note: () => undefined })
    await createName(app, 'bucket', 'Hawaii/Cola/bk1', {}, { parents: true })
    await putObject(app, BEFORE, { file: world.at('file') }, { stats: newStats(), signal: NEVER })
    const { status, stdout, stderr } = row.run(world)
    expect(stderr.split('\n')[0]).toMatch(row.says)
    expect(stderr).not.toMatch(/\n {4}at |node:internal/)
    expect({ status, stdout }).toEqual({ status: row.exit, stdout: '' })
    expect(existsSync(world.at('absent'))).toBe(false)
    expect(readdirSync(world.at('data')).filter((name) => name !== 'secret')).toEqual(['kept'])
    if (row.what === 'a newer format') return
    const pieces: Uint8Array[] = []
    await readObject(app, { path: BEFORE }, NEVER, async (bytes) => {
      pieces.push(bytes)
    })
    expect(Buffer.concat(pieces).toString()).toBe('some bytes')
  })
}

test('each row of bad input in docs/errors.md is tested here', () => {
  const page = readFileSync('docs/errors.md', 'utf8')
  const table = page.slice(page.indexOf('## Bad input'))
  const documented = [...table.matchAll(/^\| (.+?) \| (\d+) \|/gm)].map((match) => `${match[1]} ${match[2]}`)
  expect(documented.sort()).toEqual([...ROWS.map(({ what, exit }) => `${what} ${exit}`), 'a full disk 1'].sort())
})
