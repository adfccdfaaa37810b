import { listVersions } from '../../src/app/objects.js'
import { EfsCommand } from '../../src/cli/base-command.js'
import { required } from '../../src/cli/flags.js'
import { isoOfMicroseconds, versionJson } from '../../src/cli/versions.js'
import type { VersionRef } from '../../src/model/version-ref.js'

export default class ObjectVersions extends EfsCommand<undefined> {
  static override summary = 'list the versions of an object, latest first'
  static override examples = ['<%= config.bin %> object versions Hawaii/Cola/bk1/report.pdf']
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ObjectVersions)
    let shown = 0
    await listVersions(this.app(flags), args.path, async (page) => {
      const isFirst = shown === 0
      shown += page.length
      if (!this.json) return this.out(page.map((ref, i) => line(ref, isFirst && i === 0)).join(''))
      const before = isFirst ? `{"path":${JSON.stringify(args.path)},"versions":[` : ','
      return this.out(`${before}${page.map((ref) => JSON.stringify(versionJson(ref))).join(',')}`)
    })
    if (this.json) await this.out(']}\n')
    return undefined
  }

  protected override text(): string {
    return ''
  }
}

function line({ held, kind, size }: VersionRef, isHead: boolean): string {
  const what = kind === 'deleted' ? 'deleted' : String(size)
  return `${held?.id ?? ''} ${isoOfMicroseconds(held?.stamp.time ?? 0)} ${what.padStart(12)}${isHead ? ' head' : ''}\n`
}
