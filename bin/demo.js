// The walk-through that the old system is remembered by, from end to end: two segments, each with its gateway, one bucket, and the
// answer to "did it arrive?". Every command is printed as it could be typed, and run as it was printed.
import { spawnSync } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { appendFileSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const MiB = 1024 * 1024
const root = fileURLToPath(new URL('..', import.meta.url))
const efsJs = path.join(root, 'bin', 'efs.js')
const work = mkdtempSync(path.join(tmpdir(), 'efs-demo-'))
const started = Date.now()

const say = (text) => process.stdout.write(`${text}\n`)

/** One side: a machine of its own, as far as efs can see. */
function site(name) {
  const env = { ...process.env, EFS_HOME: path.join(work, name), XDG_CONFIG_HOME: path.join(work, `${name}-config`) }
  const run = (args, stdin, stdout) =>
    spawnSync(process.execPath, [efsJs, ...args], {
      cwd: work,
      env,
      input: stdin ?? '',
      stdio: ['pipe', stdout, stdout === 'pipe' ? 'ignore' : 'inherit'],
      maxBuffer: 64 * MiB,
    })
  return {
    /** Runs one command; a failure ends the demonstration. */
    efs(command, stdin) {
      say(`${name}$ ${stdin === undefined ? '' : `echo ${stdin} | `}efs ${command}`)
      const { status } = run(command.split(' '), stdin, 'inherit')
      if (status !== 0) fail(`the command ended with ${status}`)
    },
    /** What a command prints. */
    read: (command) => run(command.split(' '), undefined, 'pipe').stdout,
    stop: () => run(['gateway', 'stop', '--quiet'], undefined, 'pipe'),
  }
}

const hawaii = site('hawaii')
const hawaiiR = site('hawaii-r')

function fail(why) {
  say(why)
  process.exit(1)
}

process.on('exit', () => {
  for (const one of [hawaii, hawaiiR]) one.stop()
  rmSync(work, { recursive: true, force: true })
})
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => process.exit(130))

/** A port that nobody listens on. */
const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

const hashOf = (bytes) => createHash('sha256').update(bytes).digest('hex')

const port = await freePort()
const peer = `127.0.0.1:${port}`

say(`two segments, Hawaii and Hawaii-r, in ${work}\n`)
say('# the receiving side: its names, and a gateway that waits for whoever holds the secret')
hawaiiR.efs('cluster create Hawaii-r')
hawaiiR.efs('tenant create Hawaii-r/Cola')
hawaiiR.efs(`service create isgw hawaii-r --local ${peer} --direction receive`)
hawaiiR.efs('service config hawaii-r X-ISGW-Basic-Auth -', 'test123:test123')
hawaiiR.efs('service enable hawaii-r')

say('\n# the sending side')
hawaii.efs('bucket create Hawaii/Cola/bk1')
hawaii.efs(`service create isgw hawaii --remote ccow://${peer} --direction send --replication initial+continuous`)
hawaii.efs('service config hawaii X-ISGW-Basic-Auth -', 'test123:test123')
hawaii.efs('bucket attach Hawaii/Cola/bk1 hawaii --as Hawaii-r/Cola/bk1')
hawaii.efs('service enable hawaii')

say('\n# data goes in: a real tree, and a file of 64 MiB')
say('$ cp -a node_modules/lmdb tree && head -c 64M /dev/urandom > tree/big.img')
const tree = path.join(work, 'tree')
const big = path.join(tree, 'big.img')
cpSync(path.join(root, 'node_modules', 'lmdb'), tree, { recursive: true })
writeFileSync(big, randomBytes(64 * MiB))
hawaii.efs('sync ./tree Hawaii/Cola/bk1')

say('\n# did it arrive?')
hawaii.efs('wait hawaii --timeout 60s')
hawaii.efs(`verify Hawaii/Cola/bk1 ccow://${peer}/Hawaii-r/Cola/bk1`)

say('\n# a line more at the end of the big file: only what changed crosses')
appendFileSync(big, 'one line more\n')
hawaii.efs('sync ./tree Hawaii/Cola/bk1')
hawaii.efs('wait hawaii --timeout 60s')
hawaii.efs('service show hawaii -s')

say('\n# here the author of 2019 got stuck. The data, at the other side:')
hawaiiR.efs('object list Hawaii-r/Cola/bk1 --long --limit 5')
say('hawaii-r$ efs object get Hawaii-r/Cola/bk1/big.img - | sha256sum')
const there = hashOf(hawaiiR.read('object get Hawaii-r/Cola/bk1/big.img -'))
say(`${there}  -`)
say('$ sha256sum tree/big.img')
say(`${hashOf(readFileSync(big))}  tree/big.img`)
if (there !== hashOf(readFileSync(big))) fail('they are not the same')
hawaii.efs(`verify ./tree Hawaii/Cola/bk1`)

say('')
hawaii.efs('gateway stop')
hawaiiR.efs('gateway stop')
say(`\nAll of it took ${((Date.now() - started) / 1000).toFixed(0)} s.`)
