import { listVersions } from '../../src/app/objects.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { required } from '../../src/cli/flags.js'
import { isoOfMicroseconds, type VersionJson, versionJson } from '../../src/cli/versions.js'

interface Versions {
  readonly path: string
  readonly versions: readonly VersionJson[]
  readonly lines: readonly string[]
}

export default class ObjectVersions extends EfsCommand<Omit<Versions, 'lines'>> {
  static override summary = 'list the versions of an object, latest first'
  static override examples = ['<%= config.bin %> object versions Hawaii/Cola/bk1/report.pdf']
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }

  protected override async work(): Promise<Omit<Versions, 'lines'>> {
    const { args, flags } = await this.parse(ObjectVersions)
    const all = await listVersions(this.app(flags), args.path)
    this.lines = all.map(({ held, kind, size }, i) => {
      const what = kind === 'deleted' ? 'deleted' : String(size)
      return `${held?.id ?? ''} ${isoOfMicroseconds(held?.stamp.time ?? 0)} ${what.padStart(12)}${i === 0 ? ' head' : ''}\n`
    })
    return { path: args.path, versions: all.map(versionJson) }
  }

  protected override text(): string {
    return this.lines.join('')
  }

  private lines: readonly string[] = []
}
