import { undoRun } from '../../src/app/runs/undo.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required, runFrom } from '../../src/cli/flags/flags.js'

export default class RunUndo extends EfsCommand<undefined> {
  static override summary = 'make a bucket what it was before a run'
  static override description =
    'What was before becomes a new version: nothing is removed, and an undo can be undone. Where a key was changed since, nothing is written (exit 5).'
  static override examples = ['<%= config.bin %> run undo 3', '<%= config.bin %> run undo 4']
  static override args = { number: required('as sync said it, and run list does') }

  protected override readonly streams = true
  protected override readonly goesOn = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(RunUndo)
    const number = runFrom(args.number)
    const tell: Parameters<typeof undoRun>[3] = ({ key, why }) =>
      this.json ? this.event({ type: 'blocked', key, why }) : this.out(`${key}: ${why}\n`)
    const undone = await this.busy('undoing', () => undoRun(this.app(flags), number, this.signal, tell))
    const { bucket, objects, parked, run } = undone
    if (parked.length > 0) this.ends(4)
    for (const { key, why } of parked) {
      await this.event({ type: 'parked', key, why })
      if (!this.json) process.stderr.write(`efs: left out ${key}: ${why}\n`)
    }
    const as = run === undefined ? '' : `, run ${run}`
    const are = objects === 1 ? 'is as it was' : 'are as they were'
    this.note(`undid run ${number}: ${countOf(objects, 'object')} of ${bucket} ${are} before${as}`)
    await this.event({ type: 'summary', undid: number, bucket, objects, parked: parked.length, run: run ?? null })
    return undefined
  }

  protected override text(): string {
    return ''
  }
}
