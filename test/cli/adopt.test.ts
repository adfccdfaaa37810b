import { cpSync } from 'node:fs'
import { expect, test } from 'vitest'
import { World } from '../e2e/world.js'

/** A world whose home was copied to `copy`, with a bucket and an object. */
function copied(): { readonly world: World; readonly copy: (...args: string[]) => ReturnType<World['efs']> } {
  const world = new World()
  world.write('file', 'x')
  world.efs('bucket', 'create', 'Hawaii/Cola/bk1')
  world.efs('object', 'put', 'Hawaii/Cola/bk1/a', 'file')
  cpSync(world.at('home'), world.at('copy'), { recursive: true })
  return { world, copy: (...args) => world.efs('--home', world.at('copy'), ...args) }
}

const segmentOf = (status: string): string => /^segment: (\S+)$/m.exec(status)?.[1] ?? ''

test('every command says that the home was copied, and works; --quiet silences it', () => {
  const { world, copy } = copied()
  const said =
    `${world.at('copy')} was copied, moved or restored: links pause until you say which\n` +
    `     efs --home ${world.at('copy')} system adopt --moved (there is no other) or --copied (the other one lives on too)\n`
  expect(copy('object', 'list', 'Hawaii/Cola/bk1')).toEqual({ status: 0, stdout: 'a\n', stderr: said })
  expect(copy('object', 'list', 'Hawaii/Cola/bk1').stderr).toBe(said)
  expect(copy('object', 'list', 'Hawaii/Cola/bk1', '--quiet').stderr).toBe('')
  expect(copy('object', 'put', 'Hawaii/Cola/bk1/b', 'file').status).toBe(0)
  const { status, stdout, stderr } = copy('system', 'status')
  expect({ status, stderr }).toEqual({ status: 0, stderr: said })
  expect(stdout).toMatch(/\nadopt: needed: efs system adopt --moved or --copied\n/)
  expect(world.json('system', 'status', '--home', world.at('copy'))).toMatchObject({ unadopted: true })
  expect(world.efs('object', 'list', 'Hawaii/Cola/bk1').stderr).toBe('')
})

test('adopt --moved: the segment goes on here, and nothing is said any more', () => {
  const { world, copy } = copied()
  const segment = segmentOf(copy('system', 'status').stdout)
  const adopted = copy('system', 'adopt', '--moved')
  expect(adopted).toEqual({ status: 0, stdout: '', stderr: `adopted: segment ${segment} goes on in ~/copy\n` })
  expect(copy('system', 'status')).toMatchObject({ status: 0, stderr: '', stdout: expect.not.stringMatching('adopt') })
  expect(segmentOf(copy('system', 'status').stdout)).toBe(segment)
  expect(copy('system', 'adopt', '--moved')).toEqual({
    status: 0,
    stdout: '',
    stderr: `nothing to do: segment ${segment} in ~/copy was not copied, moved or restored\n`,
  })
  expect(world.json('system', 'adopt', '--moved')).toMatchObject({ home: world.at('home'), wasNeeded: false })
})

test('adopt --copied: the copy is another segment, and can be synced with the first one', () => {
  const { world, copy } = copied()
  const both = ['sync', 'Hawaii/Cola/bk1', `segment:${world.at('copy')}#Hawaii/Cola/bk1`]
  const refused = world.efs(...both)
  expect(refused.status).toBe(2)
  expect(refused.stderr).toMatch(/^efs: .*\/home and .*\/copy are the same segment\n {5}.*system adopt --copied\n$/m)
  const before = segmentOf(copy('system', 'status').stdout)
  const { status, stdout, stderr } = copy('system', 'adopt', '--copied')
  const now = segmentOf(copy('system', 'status').stdout)
  expect(now).not.toBe(before)
  expect({ status, stdout, stderr }).toEqual({
    status: 0,
    stdout: '',
    stderr: `adopted: ~/copy is segment ${now} from now on; ${before} is the other one\n`,
  })
  expect(copy('system', 'check', '--read-data')).toMatchObject({ status: 0 })
  expect(world.efs('object', 'put', 'Hawaii/Cola/bk1/c', 'file').status).toBe(0)
  expect(world.efs(...both).status).toBe(0)
  expect(copy('object', 'list', 'Hawaii/Cola/bk1').stdout).toBe('a\nc\n')
})

test('adopt is told one of the two', () => {
  const { copy } = copied()
  for (const flags of [[], ['--moved', '--copied']]) {
    const { status, stderr } = copy('system', 'adopt', ...flags)
    expect(status).toBe(2)
    expect(stderr).toMatch(/^efs: .*--moved.*\n {5}--moved: .*; --copied: .*\n$/)
  }
})
