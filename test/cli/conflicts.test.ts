import { expect, test } from 'vitest'
import type { Ended } from '../e2e/world.js'
import { Sides } from './sides.js'

const BUCKET = 'Hawaii/Cola/bk1'
const DAY_MS = 24 * 60 * 60 * 1000

/** `both` was written by both, first here, then there; `mine` only here, `same` by both with one content. */
async function clashing(): Promise<Sides> {
  const sides = await Sides.begin('home', 'there')
  await sides.put('home', { 'x/both': 'from here', mine: 'only here', same: 'the same' })
  await sides.put('there', { 'x/both': 'from there', same: 'the same' })
  await sides.bring('there', 'home')
  return sides
}

const VERSION = '[0-9a-f]{16}'
const TIME = '\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z'

test('a conflict is listed under its bucket, its tenant, its cluster and everywhere, and shown version by version', async () => {
  const sides = await clashing()
  const there = await sides.guid('there')
  const line = new RegExp(`^2 ${TIME} ${there} -     ${BUCKET}/x/both\n$`)
  for (const words of [[], ['Hawaii'], [BUCKET, '--match', 'b*']])
    expect(sides.efs('conflict', 'list', ...words)).toEqual({
      status: 0,
      stdout: expect.stringMatching(line),
      stderr: '',
    })
  expect(sides.efs('conflict', 'list', '--match', 'x').stdout).toBe('')
  expect(sides.efs('conflict', 'show', `${BUCKET}/x/both`).stdout).toMatch(
    new RegExp(`^${VERSION} ${TIME} {11}10 file    ${there} head\n${VERSION} ${TIME} {12}9 file    here\n$`),
  )
  expect(await sides.text('home', 'x/both')).toBe('from there')
})

test('list and show say the same as JSON', async () => {
  const sides = await clashing()
  const tip = { version: expect.stringMatching(/^[0-9a-f]{64}$/), written: expect.any(String), clockAhead: false }
  const conflict = {
    path: `${BUCKET}/x/both`,
    clockAhead: false,
    tips: [
      expect.objectContaining({ ...tip, here: false, head: true, size: 10, kind: 'file' }),
      expect.objectContaining({ ...tip, here: true, head: false, size: 9, kind: 'file' }),
    ],
  }
  const json = (...words: string[]): unknown => JSON.parse(sides.efs(...words, '--json').stdout)
  expect(json('conflict', 'list')).toEqual({ conflicts: [conflict] })
  expect(json('conflict', 'show', `${BUCKET}/x/both`)).toEqual(conflict)
  expect(json('conflict', 'list', '--match', 'mine')).toEqual({ conflicts: [] })
})

test('what is no conflict is not found, and the same content on both sides is none', async () => {
  const sides = await clashing()
  expect(await sides.conflicts('home')).toBe(2)
  expect(sides.efs('conflict', 'show', `${BUCKET}/same`)).toEqual({
    status: 3,
    stdout: '',
    stderr: `efs: no conflict at ${BUCKET}/same\n     efs conflict list ${BUCKET} shows where there is one\n`,
  })
  for (const key of ['mine', 'same']) {
    expect(sides.efs('conflict', 'resolve', `${BUCKET}/${key}`, '--keep', 'newer')).toEqual({
      status: 0,
      stdout: '',
      stderr: `no conflict in ${BUCKET}/${key}: nothing to do\n`,
    })
  }
  for (const verb of ['show', 'resolve --keep ours'])
    expect(sides.efs('conflict', ...verb.split(' '), `${BUCKET}/never`).status).toBe(3)
  expect(await sides.versions('home', 'same')).toBe(2)
})

test.each([
  ['ours', 'from here'],
  ['theirs', 'from there'],
  ['newer', 'from there'],
])('--keep %s keeps that on both sides, and the other version stays in the history', async (keep, content) => {
  const sides = await clashing()
  const kept = keep === 'ours' ? await sides.guid('home') : await sides.guid('there')
  expect(sides.efs('conflict', 'resolve', `${BUCKET}/x/both`, '--keep', keep)).toEqual({
    status: 0,
    stdout: '',
    stderr: expect.stringMatching(new RegExp(`^resolved ${BUCKET}/x/both: kept ${VERSION} of ${kept}\n$`)),
  })
  await sides.bring('home', 'there')
  for (const side of ['home', 'there']) {
    expect(await sides.text(side, 'x/both')).toBe(content)
  }
  expect(await sides.tips('there', 'x/both')).toBe(1)
  expect(await sides.versions('home', 'x/both')).toBe(3)
})

test('all of a bucket: what fits the pattern, then the rest, then nothing', async () => {
  const sides = await Sides.begin('home', 'there')
  for (const side of ['home', 'there']) await sides.put(side, { 'a.log': side, 'b.log': side, c: side })
  await sides.bring('there', 'home')
  const resolve = (...words: string[]) => sides.efs('conflict', 'resolve', BUCKET, '--keep', 'ours', ...words)
  expect(resolve('--match', '*.log').stderr).toBe(`resolved 2 conflicts of ${BUCKET}, 0 left\n`)
  expect(await sides.conflicts('home')).toBe(1)
  const [resolved, summary] = eventsOf(resolve('--json'))
  const id = expect.stringMatching(/^[0-9a-f]{64}$/)
  const segment = await sides.at('home', async ({ guid }) => guid)
  expect(resolved).toEqual({ type: 'resolved', path: `${BUCKET}/c`, version: id, kept: id, segment })
  expect(summary).toEqual({ type: 'summary', resolved: 1, left: 0 })
  expect(resolve()).toEqual({ status: 0, stdout: '', stderr: `no conflict in ${BUCKET}: nothing to do\n` })
  for (const key of ['a.log', 'b.log', 'c']) expect(await sides.text('home', key)).toBe('home')
})

const eventsOf = ({ stdout }: Ended): unknown[] =>
  stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line))

test('a conflict between two other segments has no version of ours: it is left, and told', async () => {
  const sides = await Sides.begin('home', 'there', 'third')
  for (const side of ['there', 'third']) {
    await sides.put(side, { a: `from ${side}` })
    await sides.bring(side, 'home')
  }
  const why = 'this segment wrote none of its versions'
  const ours = (...words: string[]) => sides.efs('conflict', 'resolve', `${BUCKET}/a`, '--keep', 'ours', ...words)
  expect(ours()).toEqual({ status: 4, stdout: '', stderr: `efs: left ${BUCKET}/a: ${why}\n` })
  const json = ours('--json')
  expect(json.status).toBe(4)
  expect(eventsOf(json)).toEqual([
    { type: 'left', path: `${BUCKET}/a`, why },
    { type: 'summary', resolved: 0, left: 1 },
  ])
  expect(sides.efs('conflict', 'resolve', BUCKET, '--keep', 'theirs').status).toBe(0)
  expect(await sides.text('home', 'a')).toBe('from third')
})

test('a delete against a write is a conflict, and either can be kept', async () => {
  const sides = await clashing()
  await sides.bring('home', 'there')
  await sides.delete('home', 'mine')
  await sides.put('there', { mine: 'changed there' })
  await sides.bring('there', 'home')
  expect(sides.efs('conflict', 'show', `${BUCKET}/mine`).stdout).toMatch(/ file .* head\n.* 0 deleted here\n$/)
  expect(sides.efs('conflict', 'resolve', `${BUCKET}/mine`, '--keep', 'ours').status).toBe(0)
  expect(await sides.text('home', 'mine')).toBeUndefined()
})

test('a clock that is more than a day ahead wins, and is flagged', async () => {
  const sides = await Sides.begin('home', 'there')
  await sides.put('home', { far: 'here', near: 'here' })
  await sides.put('there', { far: 'there' }, 2 * DAY_MS)
  await sides.put('there', { near: 'there' }, DAY_MS / 2)
  await sides.bring('there', 'home')
  const { stdout } = sides.efs('conflict', 'list')
  expect(stdout).toMatch(/ ahead Hawaii\/Cola\/bk1\/far\n.* - {5}Hawaii\/Cola\/bk1\/near\n/)
  expect(sides.efs('conflict', 'show', `${BUCKET}/far`).stdout).toMatch(/ head, clock ahead\n.* here\n$/)
  expect(sides.efs('conflict', 'resolve', `${BUCKET}/far`, '--keep', 'ours').status).toBe(0)
  expect(await sides.text('home', 'far')).toBe('here')
})

test('what cannot be meant is refused in words', async () => {
  const sides = await Sides.begin('home')
  const refusals = [
    [['list', 'Hawaii/Cola/bk2'], 3, /no bucket Hawaii\/Cola\/bk2/],
    [['list', '--match', ''], 2, /a pattern has 1 to 1024 bytes/],
    [['show', BUCKET], 2, /is a bucket, not an object/],
    [['resolve', BUCKET], 2, /^efs: Missing required flag keep\n/i],
    [['resolve', BUCKET, '--keep', 'both'], 2, /ours, theirs, newer/],
  ] as const
  for (const [words, status, says] of refusals) {
    const ended = sides.efs('conflict', ...words)
    expect(ended, words.join(' ')).toMatchObject({ status, stdout: '', stderr: expect.stringMatching(says) })
  }
})
