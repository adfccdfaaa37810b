/**
 * `npm run bench [-- --rows 1,3 --runs 5 --scale 0.1 --dir DIR --json FILE]`: efs beside its peers in one run, alternating,
 * medians. A table on stdout, the same as JSON in the file.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { median } from './measure.js'
import { ROWS, type Row, type Sample } from './rows.js'
import { endCeph } from './s3.js'

const MiB = 1024 * 1024

const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: ROWS.map(({ number }) => number).join(',') },
    runs: { type: 'string', default: '3' },
    scale: { type: 'string', default: '1' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string', default: 'bench.json' },
  },
})

interface Line {
  readonly tool: string
  readonly seconds: number
  readonly ratio: number
  readonly anonMiB: number
  readonly storedMiB: number
  readonly samples: readonly number[]
}

function rowOf(number: string): Row {
  const row = ROWS.find((one) => one.number === Number(number))
  if (row !== undefined) return row
  throw new Error(
    `no row ${number} here: ${ROWS.map((one) => one.number).join(', ')}; rows 7 and 8 are npm run bench:live`,
  )
}

async function measureRow(row: Row, work: string): Promise<Line[]> {
  const data = path.join(work, `data-${row.number}`)
  row.data(data, Number(flags.scale))
  const samples = new Map<string, Sample[]>(row.tools.map((tool) => [tool.name, []]))
  for (let run = 0; run < Number(flags.runs); run++) {
    // Whoever comes first after a pause finds colder memory: each tool is first in turn.
    const turn = run % row.tools.length
    for (const tool of [...row.tools.slice(turn), ...row.tools.slice(0, turn)]) {
      const target = path.join(work, 'target', `${row.number}-${run}-${tool.name.replaceAll(/\W+/g, '-')}`)
      samples.get(tool.name)?.push(await row.run(tool, data, target))
      rmSync(path.join(work, 'target'), { recursive: true, force: true })
    }
  }
  rmSync(data, { recursive: true, force: true })
  const peer = median((samples.get(row.against.name) ?? []).map(({ seconds }) => seconds))
  return [...samples].map(([tool, all]) => {
    const seconds = median(all.map((sample) => sample.seconds))
    return {
      tool,
      seconds,
      ratio: seconds / peer,
      anonMiB: Math.max(...all.map((sample) => sample.anonBytes)) / MiB,
      storedMiB: median(all.map((sample) => sample.stored)) / MiB,
      samples: all.map((sample) => sample.seconds),
    }
  })
}

function print(row: Row, lines: readonly Line[]): void {
  process.stdout.write(`\n${row.number}  ${row.job}; ratio to ${row.against.name}\n`)
  process.stdout.write(
    `   ${'tool'.padEnd(26)}${'seconds'.padStart(9)}${'ratio'.padStart(8)}${'anon MiB'.padStart(10)}${'new MiB'.padStart(10)}\n`,
  )
  for (const { tool, seconds, ratio, anonMiB, storedMiB } of lines) {
    const figures = [
      seconds.toFixed(2).padStart(9),
      ratio.toFixed(2).padStart(8),
      anonMiB.toFixed(0).padStart(10),
      storedMiB.toFixed(2).padStart(10),
    ]
    process.stdout.write(`   ${tool.padEnd(26)}${figures.join('')}\n`)
  }
}

const wanted = flags.rows.split(',').map(rowOf)
mkdirSync(flags.dir, { recursive: true })
const work = mkdtempSync(path.join(flags.dir, 'efs-bench-'))

async function cleanUp(): Promise<void> {
  await endCeph()
  rmSync(work, { recursive: true, force: true })
}

process.once('SIGINT', () => void cleanUp().finally(() => process.exit(130)))
try {
  const results: { row: number; job: string; against: string; lines: Line[] }[] = []
  for (const row of wanted) {
    const lines = await measureRow(row, work)
    print(row, lines)
    results.push({ row: row.number, job: row.job, against: row.against.name, lines })
  }
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
  writeFileSync(
    flags.json,
    `${JSON.stringify({ machine, runs: Number(flags.runs), scale: Number(flags.scale), results }, undefined, 2)}\n`,
  )
} finally {
  await cleanUp()
}
