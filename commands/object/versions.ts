import { listVersions } from '../../src/app/objects/objects.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { isoOfMicroseconds, versionJson } from '../../src/cli/text/versions.js'
import type { VersionRef } from '../../src/model/version-ref.js'

export default class ObjectVersions extends EfsCommand<undefined> {
  static override summary = 'list the versions of an object, latest first'
  static override description =
    'One line each: its id, when it was written, its size; head, or deleted. The bucket keeps so many of each object as its number-of-versions says.'
  static override examples = [
    '<%= config.bin %> object versions Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> object versions Hawaii/Cola/bk1/report.pdf --json',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ObjectVersions)
    let shown = 0
    this.list.begin({ path: args.path }, 'versions')
    await listVersions(this.app(flags), args.path, (page) => {
      const isFirst = shown === 0
      shown += page.length
      if (this.json) return this.list.add(page.map(versionJson))
      return this.out(page.map((ref, i) => line(ref, isFirst && i === 0, this.page.columns !== undefined)).join(''))
    })
    if (this.json) await this.list.end()
    return undefined
  }

  protected override text(): string {
    return ''
  }
}

function line({ held, kind, size }: VersionRef, isHead: boolean, isShort: boolean): string {
  const what = kind === 'deleted' ? 'deleted' : String(size)
  return `${held?.id.slice(0, isShort ? 16 : undefined) ?? ''} ${isoOfMicroseconds(held?.stamp.time ?? 0)} ${what.padStart(12)}${isHead ? ' head' : ''}\n`
}
