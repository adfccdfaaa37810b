/**
 * `npm run bench:scale [-- --parts objects,folder --scale 0.01 --dir DIR --json FILE]`: how time and memory grow with the
 * number of objects, of versions, of chunks, and with the size of one file. Tables and charts on stdout, the same as JSON in
 * the file. At full size it needs 10 GB in DIR, 2 million inodes, and half an hour of a quiet machine.
 */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { cpus, tmpdir } from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { amount, chart } from './chart.js'
import type { Step } from './fill.js'
import { PARTS, type Report } from './scale-parts.js'

const MiB = 1024 * 1024

const { values: flags } = parseArgs({
  options: {
    parts: { type: 'string', default: PARTS.map(({ name }) => name).join(',') },
    scale: { type: 'string', default: '1' },
    dir: { type: 'string', default: tmpdir() },
    json: { type: 'string', default: 'bench-scale.json' },
  },
})

/** What one step costs, by how many there are. */
function curves(of: string, steps: readonly Step[]): string {
  const each = steps.map(({ count, seconds }, i) => {
    const more = count - (steps[i - 1]?.count ?? 0)
    return { x: count, y: (seconds / more) * 1e6 }
  })
  const memory = steps.map(({ count, anonBytes }) => ({ x: count, y: anonBytes / MiB }))
  return [
    `   ${of.padEnd(12)}${'µs each'.padStart(10)}${'anon MiB'.padStart(10)}`,
    ...steps.map(
      ({ count, anonBytes }, i) =>
        `   ${amount(count).padEnd(12)}${(each[i]?.y ?? 0).toFixed(1).padStart(10)}${(anonBytes / MiB).toFixed(0).padStart(10)}`,
    ),
    chart({ name: `µs each, over ${of}`, points: each }),
    chart({ name: `anonymous MiB, over ${of}`, points: memory }),
    '',
  ].join('\n')
}

function print({ title, curve, lines }: Report): void {
  const out = [`\n${title}`]
  if (curve !== undefined) out.push(curves(curve.of, curve.steps))
  out.push(`   ${''.padEnd(58)}${'seconds'.padStart(9)}${'anon MiB'.padStart(10)}`)
  for (const { what, seconds, anonBytes } of lines) {
    out.push(`   ${what.padEnd(58)}${seconds.toFixed(2).padStart(9)}${(anonBytes / MiB).toFixed(0).padStart(10)}`)
  }
  process.stdout.write(`${out.join('\n')}\n`)
}

mkdirSync(flags.dir, { recursive: true })
const work = mkdtempSync(path.join(flags.dir, 'efs-scale-'))
try {
  const wanted = new Set(flags.parts.split(','))
  const reports: Report[] = []
  for (const part of PARTS.filter(({ name }) => wanted.has(name))) {
    const folder = path.join(work, part.name)
    const report = await part.run(folder, Number(flags.scale))
    print(report)
    reports.push(report)
    rmSync(folder, { recursive: true, force: true })
  }
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? '', node: process.version }
  writeFileSync(flags.json, `${JSON.stringify({ machine, scale: Number(flags.scale), reports }, undefined, 2)}\n`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
