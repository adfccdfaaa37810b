import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { openLog } from '../../src/app/gateway/log.js'
import { LogFile } from '../../src/app/gateway/log-file.js'
import { hasLog, type LogLine, logLine, logLines } from '../../src/app/gateway/read-log.js'
import { systemClock } from '../../src/base/clock.js'
import { EfsError } from '../../src/base/errors.js'
import { LIMITS } from '../../src/base/limits.js'
import { logEvent, logText } from '../../src/cli/text/log.js'
import { initSegment } from '../../src/store/segment.js'

async function newHome(): Promise<string> {
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-log-'))
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }))
  const home = path.join(dir, 'home')
  await initSegment(home, { clock: systemClock })
  return home
}

const clock = { nowMs: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) }

async function written(write: (log: Awaited<ReturnType<typeof openLog>>) => void): Promise<string[]> {
  const lines: string[] = []
  write(await openLog(clock, (line) => lines.push(line)))
  return lines
}

async function read(home: string, lines: number, service?: string): Promise<string[]> {
  const found: string[] = []
  for await (const { text } of logLines({ home }, { lines, ...(service === undefined ? {} : { service }) }))
    found.push(text)
  return found
}

test('a line says when, how bad, of which service, and what to do', async () => {
  const lines = await written((log) => {
    log.info('gateway started')
    log.of('hawaii').warn('it failed', new EfsError('REFUSED', 'the peer knows no key', { hint: 'pair again' }))
  })
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: '2026-01-02T03:04:05.006Z', pid: process.pid, msg: 'gateway started' },
    {
      level: 'warn',
      time: '2026-01-02T03:04:05.006Z',
      pid: process.pid,
      service: 'hawaii',
      code: 'REFUSED',
      hint: 'pair again',
      msg: 'it failed: the peer knows no key',
    },
  ])
  expect(lines.map((line) => logText(logLine(line.trimEnd()))).join('')).toBe(
    '2026-01-02T03:04:05.006Z info  gateway started\n' +
      '2026-01-02T03:04:05.006Z warn  hawaii: it failed: the peer knows no key (pair again)\n',
  )
})

test('of an error only its words are written, and no more than fit', async () => {
  const error = Object.assign(new Error(`${'x'.repeat(100_000)}\nsecond`), { headers: { authorization: 'test123' } })
  const [line = ''] = await written((log) => log.error('it failed', error))
  expect(line).not.toContain('test123')
  expect(line.length).toBeLessThan(LIMITS.gatewayLineBytesMax)
})

test('what is no line of a log is shown as it is, and is JSON where that is asked for', () => {
  const crash = logLine('Error: "odd"\tat x')
  expect(logText(crash)).toBe('Error: "odd"\tat x\n')
  expect(JSON.parse(logEvent(crash))).toEqual({ type: 'line', msg: 'Error: "odd"\tat x' })
  expect(logLine('{"a":1}').fields).toBeUndefined()
  expect(logLine('null').fields).toBeUndefined()
})

test('a log has at most two files of a bounded size, and the last lines of both are read', async () => {
  const home = await newHome()
  expect(hasLog({ home })).toBe(false)
  expect(await read(home, 10)).toEqual([])
  const file = LogFile.open(home, 1000)
  const line = (i: number) => JSON.stringify({ msg: `line ${String(i).padStart(3, '0')}`, service: `s${i % 2}` })
  for (let i = 0; i < 200; i++) file.write(`${line(i)}\n`)
  file.close()
  for (const name of ['gateway.log', 'gateway.log.1']) {
    expect(statSync(path.join(home, name)).size).toBeLessThanOrEqual(1000)
    expect(statSync(path.join(home, name)).mode & 0o777).toBe(0o600)
  }
  expect(await read(home, 30)).toEqual(Array.from({ length: 30 }, (_, i) => line(170 + i)))
  expect(await read(home, 2, 's0')).toEqual([line(196), line(198)])
})

test('a service that is neither there nor in the log is refused with those that are', async () => {
  const home = await newHome()
  const refusal = (service: string) => read(home, 1, service).catch(({ code, hint }) => `${code}: ${hint}`)
  expect(await refusal('hawaii')).toBe('NOT_FOUND: there is none yet: efs service create isgw NAME')
  mkdirSync(path.join(home, 'services'))
  writeFileSync(path.join(home, 'services', 'pair-in.json'), '{}')
  appendFileSync(path.join(home, 'gateway.log'), '{"msg":"stopped","service":"deleted"}\n')
  expect(await refusal('hawaii')).toBe('NOT_FOUND: there is deleted, pair-in')
  expect(await refusal('pair-im')).toBe('NOT_FOUND: did you mean pair-in?')
  expect(await read(home, 1, 'pair-in')).toEqual([])
  expect(await read(home, 1, 'deleted')).toHaveLength(1)
})

test('what could not be written is counted', async () => {
  const home = await newHome()
  const file = LogFile.open(home, 100)
  file.write(`${'x'.repeat(90)}\n`)
  // The older one cannot take the place of a folder.
  renameSync(path.join(home, 'packs'), path.join(home, 'gateway.log.1'))
  file.write('lost\n'.repeat(5))
  renameSync(path.join(home, 'gateway.log.1'), path.join(home, 'packs'))
  file.write('found\n')
  file.close()
  file.write('late\n')
  const lines = readFileSync(path.join(home, 'gateway.log'), 'utf8').trimEnd().split('\n')
  expect(lines.map((line) => logLine(line).fields?.msg ?? line)).toEqual([
    'lines of this log that could not be written: 1',
    'found',
  ])
})

test('following gives every whole line once, across a new file', async () => {
  const home = await newHome()
  const log = path.join(home, 'gateway.log')
  appendFileSync(log, 'one\ntwo\nhal')
  const stop = new AbortController()
  const lines = logLines({ home }, { lines: 1 }, stop.signal)
  const next = async () => ((await lines.next()).value as LogLine | undefined)?.text
  expect(await next()).toBe('two')
  appendFileSync(log, 'f\n')
  expect(await next()).toBe('half')
  appendFileSync(log, 'last\n')
  renameSync(log, path.join(home, 'gateway.log.1'))
  appendFileSync(log, 'first\n')
  expect([await next(), await next()]).toEqual(['last', 'first'])
  stop.abort()
  expect(await lines.next()).toEqual({ done: true, value: undefined })
})
