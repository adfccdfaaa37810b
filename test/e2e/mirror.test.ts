import { rmSync } from 'node:fs'
import { expect, test } from 'vitest'
import { eventually, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'

test('a directory is kept the same as the bucket, deletes too, and that can be waited for', async () => {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  site.ok('service', 'create', 'isgw', 'mirror', '--remote', `file://${site.at('out')}`)
  site.ok('bucket', 'attach', BUCKET, 'mirror')
  site.ok('service', 'config', 'mirror', 'X-Status', 'enabled')
  site.write('f', 'a file')
  site.ok('object', 'put', `${BUCKET}/a/f`, 'f')
  await site.startGateway()
  expect(site.ok('wait', 'mirror').stderr).toContain(`the only object is at ${site.at('out')}, 0 behind`)
  expect(site.run('cat', 'out/a/f').stdout).toBe('a file')
  site.ok('object', 'put', `${BUCKET}/g`, 'f')
  site.ok('object', 'delete', `${BUCKET}/a/f`)
  site.ok('wait', 'mirror')
  expect(site.run('find', 'out', '-type', 'f').stdout).toBe('out/g\n')
  // It is counted a moment later.
  await eventually(() => /^ {2}Versions applied {11}\| 3 /m.test(site.ok('service', 'show', 'mirror', '-s').stdout))
  await site.endGateway()
})

test('a wait for a bucket or an object is for that alone, and one for nothing is no success', async () => {
  const site = await Site.open()
  const OTHER = 'Hawaii/Cola/bk2'
  site.write('f', 'a file')
  for (const [bucket, service] of [
    [BUCKET, 'one'],
    [OTHER, 'two'],
  ] as const) {
    site.ok('bucket', 'create', bucket)
    site.ok('service', 'create', 'isgw', service, '--remote', `file://${site.at(service)}`, '--direction', 'send')
    site.ok('service', 'enable', service, '--no-start')
  }
  await site.startGateway()
  expect(site.efs('wait', 'one')).toMatchObject({ status: 3, stderr: expect.stringContaining('one serves nothing') })
  expect(site.efs('wait')).toMatchObject({ status: 3, stderr: expect.stringContaining('one serves nothing') })
  const allAtTwo = () => expect(site.ok('wait').stderr.match(/are at .*?,/g)).toEqual([`are at ${site.at('two')},`])
  site.ok('bucket', 'attach', OTHER, 'two')
  allAtTwo()
  site.ok('bucket', 'attach', BUCKET, 'one')
  site.ok('object', 'put', `${BUCKET}/k`, 'f')

  expect(site.ok('wait', '--bucket', BUCKET).stderr).toMatch(
    /^✔ one: the only object is at [^,\n]*\/one, 0 behind, .*\n$/,
  )
  expect(site.efs('wait', 'two', '--bucket', BUCKET).status).toBe(3)
  expect(site.efs('wait', '--bucket', 'Hawaii/Cola/bk3').status).toBe(3)
  expect(site.ok('wait', '--bucket', BUCKET, '--object', 'k').stderr).toContain('k is at')
  expect(site.efs('wait', '--bucket', BUCKET, '--object', 'nowhere')).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`no object nowhere in ${BUCKET}`),
  })
  site.ok('bucket', 'attach', BUCKET, 'one', '--pause')
  for (const name of [['one'], []])
    expect(site.efs('wait', ...name)).toMatchObject({ status: 4, stdout: expect.stringContaining('it is paused') })
  site.ok('wait', 'two')
  await site.endGateway()
})

test('one object can be waited for, one that nobody has is not there, and the time runs out in words', async () => {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  site.write('d/f', 'a file')
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', 'both')
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  await site.startGateway()
  expect(site.ok('wait', 'm', '--bucket', BUCKET, '--object', 'f').stderr).toContain(
    `f is here, at ${BUCKET}, 0 behind`,
  )
  const none = site.efs('wait', 'm', '--bucket', BUCKET, '--object', 'g')
  expect(none).toMatchObject({ status: 3, stderr: `efs: no object g in ${BUCKET}\n` })
  const other = site.efs('wait', 'm', '--bucket', 'Hawaii/Cola/bk2')
  expect(other).toMatchObject({
    status: 3,
    stderr: expect.stringContaining('service m serves no bucket Hawaii/Cola/bk2'),
  })
  const { pid } = site.json('gateway', 'status') as { pid: number }
  process.kill(pid, 'SIGSTOP')
  site.write('d/g', 'another one')
  const late = site.efs('wait', 'm', '--timeout', '2s')
  process.kill(pid, 'SIGCONT')
  expect(late).toMatchObject({
    status: 10,
    stderr: expect.stringContaining('the time ran out before all of m had arrived'),
  })
  site.ok('wait', 'm')
  // Both are gone before it looks; one of them may be found first, and goes alone.
  process.kill(pid, 'SIGSTOP')
  for (const name of ['f', 'g']) rmSync(site.at('d', name))
  process.kill(pid, 'SIGCONT')
  const guarded = site.efs('wait', 'm', '--timeout', '5s')
  expect(guarded).toMatchObject({
    status: 10,
    stderr: expect.stringMatching(
      /it fails: stopped by the guard: the source is empty and (1 object|2 objects) would be deleted/,
    ),
  })
  await site.endGateway()
})
