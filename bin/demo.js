// The main job as a demonstration: every command is printed as it could be typed, and run as it was printed.
import { spawnSync } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import {
  appendFileSync,
  closeSync,
  cpSync,
  lstatSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const MiB = 1024 * 1024
const root = fileURLToPath(new URL('..', import.meta.url))
const efsJs = path.join(root, 'bin', 'efs.js')
const work = mkdtempSync(path.join(tmpdir(), 'efs-demo-'))
const started = Date.now()

process.on('exit', () => rmSync(work, { recursive: true, force: true }))
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

const say = (text) => process.stdout.write(`${text}\n`)

/** Runs one command of efs in the work folder; a failure ends the demonstration. */
function efs(...args) {
  say(`$ efs ${args.join(' ')}`)
  const { status } = spawnSync(process.execPath, [efsJs, ...args], {
    cwd: work,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  if (status === 0) return
  say(`the command ended with ${status}`)
  process.exit(1)
}

function makeTree() {
  say('$ cp -a node_modules tree/ && head -c 256M /dev/urandom > tree/big.img')
  cpSync(path.join(root, 'node_modules'), path.join(work, 'tree', 'node_modules'), {
    recursive: true,
    preserveTimestamps: true,
    verbatimSymlinks: true,
  })
  const file = openSync(path.join(work, 'tree', 'big.img'), 'w')
  const piece = Buffer.alloc(8 * MiB)
  for (let written = 0; written < 256 * MiB; written += piece.length) writeSync(file, randomFillSync(piece))
  closeSync(file)
}

/** What differs between two trees, read byte by byte; undefined when nothing does. */
function firstDifference(a, b) {
  const [left, right] = [lstatSync(a), lstatSync(b, { throwIfNoEntry: false })]
  if (!right || left.mode !== right.mode) return a
  if (left.isSymbolicLink()) return readlinkSync(a) === readlinkSync(b) ? undefined : a
  if (left.isFile()) return readFileSync(a).equals(readFileSync(b)) ? undefined : a
  const [here, there] = [readdirSync(a).sort(), readdirSync(b).sort()]
  if (here.join('\0') !== there.join('\0')) return a
  for (const name of here) {
    const found = firstDifference(path.join(a, name), path.join(b, name))
    if (found) return found
  }
  return undefined
}

const far = `segment:${path.join(work, 'site-b')}#Hawaii-r/Cola/bk1`

say(`two segments in ${work}: site-a and site-b\n`)
say('# a bucket at each site')
efs('--home', 'site-a', 'bucket', 'create', 'Hawaii/Cola/bk1')
efs('--home', 'site-b', 'bucket', 'create', 'Hawaii-r/Cola/bk1')

say('\n# a real tree: the packages that efs is built with, and one file of 256 MiB')
makeTree()
efs('--home', 'site-a', 'sync', './tree', 'Hawaii/Cola/bk1')

say('\n# bucket to bucket, at the other site')
efs('--home', 'site-a', 'sync', 'Hawaii/Cola/bk1', far)

say('\n# a small edit; only what changed moves')
say("$ echo 'one line more' | tee -a tree/node_modules/lmdb/README.md >> tree/big.img")
appendFileSync(path.join(work, 'tree', 'node_modules', 'lmdb', 'README.md'), 'one line more\n')
appendFileSync(path.join(work, 'tree', 'big.img'), 'one line more\n')
efs('--home', 'site-a', 'sync', './tree', 'Hawaii/Cola/bk1')
efs('--home', 'site-a', 'sync', 'Hawaii/Cola/bk1', far)

say('\n# does the other side have it?')
efs('--home', 'site-a', 'verify', 'Hawaii/Cola/bk1', far)

say('\n# out to a directory there, compared byte by byte')
efs('--home', 'site-b', 'sync', 'Hawaii-r/Cola/bk1', './out')
say('$ diff -r --no-dereference tree out')
const different = firstDifference(path.join(work, 'tree'), path.join(work, 'out'))
if (different) {
  say(`not the same: ${different}`)
  process.exit(1)
}
say(`the same, byte by byte. All of it took ${((Date.now() - started) / 1000).toFixed(0)} s.`)
