import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { COMMANDS, needsS3, TOPICS } from './help.js'
import { Machine } from './machine.js'
import { StandIns } from './stand-ins.js'
import { ENDLESS, EXITS, FILES, STORIES, TYPED } from './stories.js'

test('every command has a line, a paragraph and two examples; every topic too, of those of its commands', () => {
  for (const [command, { summary, description, examples }] of COMMANDS) {
    expect(summary, command).toMatch(/^[a-z]/)
    expect(description, command).toMatch(/^[A-Z][\s\S]*\S$/)
    expect(examples.length, command).toBeGreaterThan(1)
  }
  for (const [topic, { description, examples = [] }] of TOPICS) {
    expect(description, topic).toMatch(/^[a-z].*\n[A-Z].*\.$/)
    expect(examples.length, topic).toBe(2)
    const all = [...COMMANDS].flatMap(([command, own]) => (command.startsWith(`${topic} `) ? own.examples : []))
    expect(all, topic).toEqual(expect.arrayContaining([...examples]))
  }
})

test('every command is in one of the stories', () => {
  const told = Object.values(STORIES).flatMap(({ order }) => order)
  expect(told.sort()).toEqual([...COMMANDS.keys()].sort())
})

test.each(Object.entries(STORIES))(
  'the examples of help: %s',
  { timeout: 600_000 },
  async (_name, { order, before = {} }) => {
    const root = mkdtempSync(path.join(tmpdir(), 'efs-help-'))
    const dir = path.join(root, 'here')
    const machine = new Machine(dir)
    onTestFinished(() => {
      machine.end()
      rmSync(root, { recursive: true, force: true })
    })
    const stand = new StandIns(dir)
    const prepare = async (script = ''): Promise<void> => {
      if (script === '') return
      const real = stand.real(script)
      expect(await machine.run(real), real).toMatchObject({ status: 0 })
    }
    await prepare(FILES)
    for (const command of order) {
      await prepare(before[command])
      for (const example of COMMANDS.get(command)?.examples.filter((one) => !needsS3(one)) ?? []) {
        await prepare(before[example])
        await learnIds(machine, stand, example)
        const real = stand.real(example)
        const line = example in ENDLESS ? untilHeard(real) : real
        const { status, lines } = await machine.run(line, example in TYPED ? [TYPED[example] ?? ''] : [])
        expect(status, `${real}\n${lines.join('\n')}`).toBe(ENDLESS[example] ?? EXITS[example] ?? 0)
      }
    }
  },
)

/** Ends it with Ctrl-C once it has said something. */
const untilHeard = (command: string): string =>
  `rm -f heard; ${command} > heard 2>&1 & pid=$!; until test -s heard; do sleep 0.1; done; kill -INT $pid; wait $pid`

/** Ids are others each time; those that examples name stand for these. */
async function learnIds(machine: Machine, stand: StandIns, example: string): Promise<void> {
  for (const [named, command] of [
    ['21D0-55AE', `efs gateway peers | cut -d' ' -f1`],
    ['9f2c41aa', 'efs object versions Hawaii/Cola/bk1/report.pdf | tail -n 1 | cut -c1-8'],
  ] as const) {
    if (!example.includes(named.slice(0, 4))) continue
    const [real = ''] = (await machine.run(command)).lines
    stand.bind(named, real)
    stand.bind(named.slice(0, 4), real.slice(0, 4))
  }
}
