import { readFileSync, statSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

const SECRET = 'AKIA:geheim'

test('a credential comes from stdin or a file, needs no segment, and is never shown', () => {
  const world = new World()
  world.write('keys', `${SECRET}2\nsecond line\n`)
  expect(world.efsReading(`${SECRET}\n`, 'credential', 'set', 's3://photos')).toEqual({
    status: 0,
    stdout: '',
    stderr: 'kept credential s3://photos in the file\n',
  })
  const json = world.efs('credential', 'set', 's3://other', '--file', world.at('keys'), '--json')
  expect(JSON.parse(json.stdout)).toEqual({ name: 's3://other', where: 'file', changed: true })
  expect(statSync(world.at('config/efs/credentials.json')).mode & 0o777).toBe(0o600)
  expect(readFileSync(world.at('config/efs/credentials.json'), 'utf8')).toContain(`"${SECRET}2"`)
  const listed = world.efs('credential', 'list')
  expect(listed).toEqual({ status: 0, stdout: 'file    s3://other\nfile    s3://photos\n', stderr: '' })
  expect(world.efs('credential', 'delete', 's3://photos').stderr).toBe('deleted credential s3://photos\n')
})

test('a secret on the command line is refused, however it is written, and not repeated', () => {
  const world = new World()
  for (const words of [
    [SECRET],
    [`--secret=${SECRET}`],
    [`--secret=${SECRET}`, '--verbose'],
    ['--', SECRET],
    ['--verbose', SECRET, '--json'],
  ]) {
    const { status, stdout, stderr } = world.efs('credential', 'set', 's3://photos', ...words)
    expect(status, words.join(' ')).toBe(2)
    expect(stdout + stderr).not.toContain('geheim')
  }
})

test('a gateway is shown the credential that is named after it', () => {
  const world = new World()
  world.efsReading('a:b\nrest', 'credential', 'set', 'ccow://127.0.0.1')
  world.write('config/efs/credentials.json', '{"format":1,"secrets":{"user":{"ccow://127.0.0.1:1":""}}}')
  const { status, stderr } = world.efs('object', 'list', 'ccow://127.0.0.1:1/Hawaii/Cola/bk1')
  expect({ status, stderr }).toEqual({
    status: 8,
    stderr: expect.stringContaining('efs: the credential ccow://127.0.0.1:1 is in a keyring'),
  })
})
