import { truncateSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { LIMITS } from '../../src/base/limits.js'
import { World } from './world.js'

const KEYS = { AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b', AWS_REGION: 'us-east-1' }
const NOBODY = 'https://localhost:1'
const TO_S3 = ['sync', 'Hawaii/Cola/bk1', 's3://photos/']

test('of a server that is away stderr says what it is and what to do, however the server was named', () => {
  for (const [env, flags] of [
    [{}, ['--s3-endpoint', NOBODY]],
    [{ AWS_ENDPOINT_URL: NOBODY }, []],
  ] as const) {
    const world = new World({ ...KEYS, ...env })
    world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
    const { status, stderr } = world.efs(...TO_S3, ...flags)
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^efs: cannot list s3:\/\/photos\/: /),
      expect.stringMatching(/^ {5}check the address/),
    ])
    expect(status).toBe(7)
  }
})

test('a file of authorities that cannot be taken is named, and nothing is asked of the server', () => {
  const world = new World({ ...KEYS, AWS_CA_BUNDLE: 'authorities.pem' })
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  const told = (why: RegExp): void => {
    const { status, stderr } = world.efs(...TO_S3, '--s3-endpoint', NOBODY)
    expect(stderr).toMatch(why)
    expect(stderr).toMatch(/\n {5}set it to the file/)
    expect(status).toBe(2)
  }
  told(/^efs: cannot take authorities\.pem, which \$AWS_CA_BUNDLE names: ENOENT\n/)
  writeFileSync(world.at('authorities.pem'), '')
  truncateSync(world.at('authorities.pem'), LIMITS.authoritiesBytesMax + 1)
  told(/^efs: cannot take authorities\.pem, which \$AWS_CA_BUNDLE names: it has more than 8388608 bytes\n/)
})

test('an endpoint that is none is refused before anything is asked, and no keys in it are repeated', () => {
  const world = new World(KEYS)
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  for (const [typed, words] of [
    [
      'http://me:hidden@localhost:1',
      /^efs: the address of an S3 server holds no keys: others could read them\n {5}write/,
    ],
    ['https://{bucket}.me:hidden@localhost:1', /^efs: the address of an S3 server holds no keys/],
    ['localhost:1', /^efs: not an endpoint: localhost:1\n {5}write --s3-endpoint https:\/\/host:port/],
    ['http://localhost:1/{bucket}', /^efs: not an endpoint/],
    ['http://x-{bucket}.localhost:1', /^efs: not an endpoint/],
  ] as const) {
    const { status, stderr } = world.efs(...TO_S3, '--s3-endpoint', typed)
    expect(stderr).toMatch(words)
    expect(stderr).not.toContain('hidden')
    expect(status).toBe(2)
  }
})

test('Ctrl-C does not wait for a program that is to give keys', () => {
  const world = new World({ AWS_PROFILE: 'slow', AWS_CONFIG_FILE: 'aws.config', AWS_REGION: 'us-east-1' })
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.write('aws.config', '[profile slow]\ncredential_process = sleep 30\n')
  const startedMs = performance.now()
  const stopped = ['timeout', '--foreground', '--preserve-status', '-s', 'INT', '3']
  const [program = '', ...args] = [...stopped, process.execPath, world.program, ...TO_S3, '--s3-endpoint', NOBODY]
  const { status, stderr } = world.run(program, ...args)
  expect(stderr).toMatch(/^efs: interrupted\n/)
  expect(status).toBe(130)
  expect(performance.now() - startedMs).toBeLessThan(20_000)
})
