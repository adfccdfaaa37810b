import { boolean, string } from '@oclif/core/flags'
import { listObjects } from '../../src/app/objects/list.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { AUTH_FLAG, at, authFrom, countFrom, required } from '../../src/cli/flags/flags.js'
import { versionJson, versionLine } from '../../src/cli/text/versions.js'
import type { VersionRef } from '../../src/model/version-ref.js'

export default class ObjectList extends EfsCommand<undefined> {
  static override summary = 'list the objects of a bucket, in the byte order of their keys'
  static override description =
    'One key a line. What was deleted is left out without --deleted; --at lists what was there at a time. Memory stays small however many there are.'
  static override examples = [
    '<%= config.bin %> object list Hawaii/Cola/bk1',
    '<%= config.bin %> object list Hawaii/Cola/bk1/2019/ --long --limit 20',
  ]
  static override args = { bucket: required('Hawaii/Cola/bk1, or a prefix below it') }
  static override flags = {
    prefix: string({ helpValue: 'P', summary: 'only keys that start so' }),
    long: boolean({ summary: 'size, time and version too' }),
    limit: string({ helpValue: 'N', summary: 'at most so many' }),
    deleted: boolean({ summary: 'deleted objects too' }),
    at: at(),
    ...AUTH_FLAG,
  }

  protected override readonly streams = true

  protected override async work(): Promise<undefined> {
    const { args, flags } = await this.parse(ObjectList)
    const request = {
      path: args.bucket,
      deleted: flags.deleted,
      ...(flags.prefix === undefined ? {} : { prefix: flags.prefix }),
      ...(flags.limit === undefined ? {} : { limit: countFrom(flags.limit, 'limit') }),
      ...(flags.at === undefined ? {} : { atMs: flags.at }),
      ...authFrom(flags),
    }
    this.list.begin({ path: args.bucket }, 'objects')
    const line = (ref: VersionRef): string => (flags.long ? versionLine(ref, this.page) : this.shown(ref.key))
    await listObjects(
      this.app(flags),
      request,
      this.signal,
      (page) =>
        this.json ? this.list.add(page.map(versionJson)) : this.out(page.map((ref) => `${line(ref)}\n`).join('')),
      ({ key, why }) => this.note(`left out ${this.shown(key)}: ${why}`),
    )
    if (this.json) await this.list.end()
    return undefined
  }

  protected override text(): string {
    return ''
  }
}
