import { once } from 'node:events'
import { cpSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs'
import { expect, test } from 'vitest'
import { ERRORS } from '../../src/base/errors.js'
import { freePort } from '../e2e/sites.js'
import { noise } from '../e2e/world.js'
import { Sides } from './sides.js'
import { COMMANDS, faults, schemaFile, schemas, Told } from './told.js'

const BUCKET = 'Hawaii/Cola/bk1'

test('every command has a schema, each compiles, and takes no field that it does not name', () => {
  const files = [...COMMANDS].map(schemaFile)
  expect([...schemas.keys()].sort()).toEqual(['common.schema.json', 'error.schema.json', ...files].sort())
  for (const file of files) expect(faults(file, { nonsense: 1 }), file).not.toBe('')
  const open: string[] = []
  JSON.stringify([...schemas.values()], (_key, part: unknown) => {
    if (part instanceof Object && 'required' in part && !('additionalProperties' in part))
      open.push(JSON.stringify(part))
    return part
  })
  expect(open).toEqual([])
})

test('names and objects', async () => {
  const told = new Told()
  told.world.write('report', noise(1, 100_000))
  const file = told.world.at('report')
  await told.all(
    `bucket create ${BUCKET} -o compression=on`,
    'cluster create Fiji',
    'tenant create Fiji/Cola',
    'bucket create Fiji/Pepsi/bk2 --parents',
    'cluster set Hawaii -o owner=bob',
    'tenant set Hawaii/Cola -n 30',
    `bucket set ${BUCKET} -n 20 -q 10G -S latency`,
    'cluster list',
    'tenant list Hawaii',
    'bucket list Hawaii/Cola',
    'cluster show Hawaii',
    'tenant show Hawaii/Cola',
    `bucket show ${BUCKET} --bytes`,
    `object list ${BUCKET}`,
    `object put ${BUCKET}/a ${file} -o Delete-After=30d`,
    `object put ${BUCKET}/a ${file}`,
    `object get ${BUCKET}/a ${told.world.at('got')} --range 0-9`,
    `object clone ${BUCKET}/a ${BUCKET}/b`,
    `object move ${BUCKET}/b ${BUCKET}/c`,
    `object show ${BUCKET}/a`,
    `object delete ${BUCKET}/a`,
    `object list ${BUCKET} --deleted`,
    `object versions ${BUCKET}/a`,
    `object restore ${BUCKET}/a`,
    `object delete ${BUCKET}/c --expunge`,
    `object delete ${BUCKET}/a --expunge`,
    `bucket delete ${BUCKET}`,
    'tenant delete Hawaii/Cola',
    'cluster delete Hawaii',
  )
  await told.told(2, `object get Fiji/Pepsi/bk2/a -`)
  await told.told(3, `object versions Fiji/Pepsi/bk2/a`)
  await told.told(3, `bucket show Fiji/Pepsi/bk3`)
  await told.told(2, `bucket create`)
})

test('sync, plan, apply, verify and runs', async () => {
  const told = new Told()
  const { world } = told
  for (const [name, size] of [
    ['a', 300_000],
    ['b/c', 10],
    ['d', 0],
  ] as const)
    world.write(`tree/${name}`, noise(2, size))
  const tree = world.at('tree')
  await told.all(`bucket create ${BUCKET}`)
  const flags = `${tree} ${BUCKET} --exclude *.tmp --min-size 0 --delete --max-delete 5%`
  const [plan] = await told.told(0, `sync ${flags} --dry-run`)
  const [same] = await told.told(0, `plan ${flags}`)
  expect([same?.steps, same?.options]).toEqual([plan?.steps, plan?.options])
  world.write('plan.json', JSON.stringify(plan))
  await told.all(`apply ${world.at('plan.json')}`, `verify ${tree} ${BUCKET}`, `sync ${tree} ${BUCKET}`, 'run show 1')
  const [summary] = (await told.told(0, `sync ${tree} ${BUCKET} --checksum`)).slice(-1)
  expect(Object.keys(summary ?? {})).toEqual(
    expect.arrayContaining('run files bytesRead bytesNew seconds parked'.split(' ')),
  )
  expect(await told.told(5, `apply ${world.at('plan.json')}`)).toHaveLength(5)
  world.write('tree/a', 'changed')
  await told.told(1, `verify ${tree} ${BUCKET} --metadata`)
  await told.told(1, `verify ${BUCKET} ${BUCKET}/b/`)
  await told.all(`sync ${tree} ${BUCKET}`)
  await told.told(5, 'run undo 1')
  await told.all('run undo 2', 'run undo 1', 'run list')
  await told.told(2, `plan ${tree}`)
  await told.told(3, `sync ${world.at('nowhere')} ${BUCKET}`)
  await told.told(6, `sync ${BUCKET} ${tree} --delete`)
})

test('conflicts', async () => {
  const sides = await Sides.begin('A', 'B')
  const told = new Told(sides.world)
  const home = `--home ${sides.world.at('A')}`
  for (const side of ['A', 'B'])
    await sides.put(side, { x: `x of ${side}`, y: `y of ${side}` }, side === 'A' ? 0 : 5000)
  await sides.bring('B', 'A')
  const bucket = 'Hawaii/Cola/bk1'
  await told.all(`conflict list ${home}`, `conflict show ${bucket}/x ${home}`)
  await told.all(`conflict resolve ${bucket} --keep ours ${home}`, `conflict list ${home}`)
  await told.told(3, `conflict show ${bucket}/x ${home}`)
})

test('services, a gateway and its peers', async () => {
  const told = new Told()
  const { world } = told
  await told.all(
    `bucket create ${BUCKET}`,
    `service create isgw m --remote file://${world.at('mirror')} --direction send`,
    `bucket attach ${BUCKET} m`,
    'service sync m',
    'service check m',
    'service config m',
    'service config m X-Status',
    'service config m X-Description mirror',
    'service enable m --no-start',
    'service create isgw far --remote ccow://127.0.0.1:1 --direction send',
    `service serve far ${BUCKET} --as Fiji/Cola/bk1`,
    'service enable far --no-start',
  )
  world.write('x', 'x')
  // Where `a` is a file nothing can be `a/b`.
  for (const key of ['a', 'a/b']) await told.all(`object put ${BUCKET}/${key} ${world.at('x')}`)
  await told.told(1, 'gateway status')
  await told.told(1, 'wait m')
  await told.told(1, 'system status')
  await told.told(1, 'service check far')
  const [paired] = await told.told(
    0,
    `gateway pair --bucket ${BUCKET} --local 127.0.0.1:${await freePort()} --no-start`,
  )
  await told.all('gateway start', 'gateway start', 'gateway status', 'gateway logs', `why ${BUCKET}/a`, 'service list')
  expect(await told.told(4, 'wait m')).toHaveLength(2)
  await told.all(`object delete ${BUCKET}/a`, 'wait m', 'service show m', 'service show m -s', 'service show far -s')
  await told.told(7, 'wait far --timeout 1s')
  const home = ['--home', world.at('other')]
  world.efs('system', 'init', ...home)
  const { stdout } = world.efsReading(
    `${paired?.url}`,
    ...'service create isgw near --json --remote -'.split(' '),
    ...home,
  )
  told.take('service:create', 0, stdout)
  await told.all(
    'gateway peers',
    `gateway unpair ${JSON.parse(world.efs('system', 'status', '--json', ...home).stdout).segment}`,
  )
  await told.told(3, 'gateway unpair 21D0-55AE')
  await told.all('gateway stop', 'gateway stop')
  await told.all(
    'service disable far',
    'service disable m',
    `service unserve far ${BUCKET}`,
    `bucket detach ${BUCKET} m`,
  )
  await told.all('service delete m')
})

test('what goes on until it is told to stop', async () => {
  const told = new Told()
  await told.all(`bucket create ${BUCKET}`, 'service create isgw s', `bucket attach ${BUCKET} s`)
  const ended = async (words: string, status: number): Promise<void> => {
    const child = told.world.start(...words.split(' '), '--json')
    let stdout = ''
    child.stdout?.setEncoding('utf8').on('data', (piece: string) => {
      stdout += piece
    })
    if (child.stdout !== null) await once(child.stdout, 'data')
    child.kill('SIGINT')
    expect(await once(child, 'close')).toEqual([status, null])
    told.take(words.split(' ').slice(0, 2).join(':'), status, stdout, true)
  }
  await ended('gateway run', 0)
  await ended('service show s -s --watch', 130)
  await ended('gateway logs -f', 130)
})

test('a document that ends half way says why', async () => {
  const told = new Told()
  for (let i = 0; i < 1200; i++) told.world.write(`tree/${i}`, '')
  await told.all(`bucket create ${BUCKET}`, `sync ${told.world.at('tree')} ${BUCKET}`)
  const child = told.world.start('object', 'list', BUCKET, '--json')
  if (child.stdout === null) throw new Error('no stdout')
  // It waits for a reader, so that more is to come.
  await once(child.stdout, 'readable')
  child.kill('SIGINT')
  let stdout = ''
  child.stdout.setEncoding('utf8').on('data', (piece: string) => {
    stdout += piece
  })
  expect(await once(child, 'close')).toEqual([130, null])
  expect(told.take('object:list', 130, stdout)).toMatchObject([{ path: BUCKET, error: { code: 'INTERRUPTED' } }])
})

test('the segment, its damage and its repair', async () => {
  const told = new Told()
  const { world } = told
  world.write('tree/a', noise(3, 200_000))
  await told.all('system init', 'system init', `bucket create ${BUCKET}`, `sync ${world.at('tree')} ${BUCKET}`)
  await told.all('system status', 'system summary', 'system check --read-data', 'system gc', 'system gc --dry-run')
  await told.all('system adopt --moved', 'system check --repair')
  await told.told(2, 'system adopt')
  cpSync(world.at('home'), world.at('copy'), { recursive: true })
  await told.all(`system status --home ${world.at('copy')}`, `system adopt --copied --home ${world.at('copy')}`)
  const [pack = ''] = readdirSync(world.at('home/packs'))
  writeSync(openSync(world.at('home/packs', pack), 'r+'), 'damaged', 100_000)
  expect((await told.told(9, 'system check --read-data')).map(({ type }) => type)).toContain('damage')
  expect((await told.told(9, 'system check --repair')).map(({ type }) => type)).toContain('lost')
  rmSync(world.at('home'), { recursive: true })
  await told.told(3, 'system status')
})

test('the user and the installation', async () => {
  const told = new Told()
  told.world.write('secret', 'test123\n')
  await told.all(
    `credential set shop --file ${told.world.at('secret')}`,
    'credential list',
    'credential delete shop',
    'config list',
    'config get jobs',
    'config set jobs 4',
    'config set jobs -',
    'explain GUARD',
    'explain 6',
    'explain X-ISGW-Direction',
    'completion bash',
    'doctor',
    `endpoint check ${told.world.dir}`,
  )
  await told.told(2, 'config get colour')
  await told.told(3, 'explain nothing')
})

test('each of them was held against its schema where it went well', () => {
  expect([...COMMANDS].filter((id) => !Told.seen.has(id))).toEqual([])
  for (const code of Object.keys(ERRORS)) {
    const error = { code, message: 'it failed', hint: null, exit: 1 }
    expect(faults('error.schema.json', { error })).toBe('')
  }
})
