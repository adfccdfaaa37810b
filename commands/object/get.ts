import path from 'node:path'
import { string } from '@oclif/core/flags'
import { readObject } from '../../src/app/objects/objects.js'
import { EfsError } from '../../src/base/errors.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { AUTH_FLAG, at, authFrom, optional, required } from '../../src/cli/flags/flags.js'
import { withPartialFile } from '../../src/cli/partial-file.js'
import { bytesText } from '../../src/cli/text/amounts.js'

interface Got {
  readonly path: string
  readonly file: string
  readonly bytes: number
}

export default class ObjectGet extends EfsCommand<Got> {
  static override summary = 'bring an object out'
  static override description =
    'Into a file of the same name, or into FILE; - is stdout. Every chunk is checked against its name. An older state is reached by --version or by --at, a part by --range.'
  static override examples = [
    '<%= config.bin %> object get Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> object get Hawaii/Cola/bk1/disk.img - --range 0-511 | od -c',
  ]
  static override args = {
    path: required('Hawaii/Cola/bk1/any/key'),
    file: optional('where to; - is stdout; else the last part of the key'),
  }
  static override flags = {
    range: string({ helpValue: 'A-B', summary: 'only these bytes, both ends included; A- or -N' }),
    version: string({ helpValue: 'ID', summary: 'not the head but this version' }),
    at: at(),
    ...AUTH_FLAG,
  }

  protected override async work(): Promise<Got> {
    const { args, flags } = await this.parse(ObjectGet)
    const request = {
      path: args.path,
      ...(flags.range === undefined ? {} : { range: flags.range }),
      ...(flags.version === undefined ? {} : { version: flags.version }),
      ...(flags.at === undefined ? {} : { atMs: flags.at }),
      ...authFrom(flags),
    }
    const app = this.app(flags)
    const file = args.file ?? path.basename(args.path)
    if (file === '-' && this.json)
      throw new EfsError('USAGE', 'stdout is for the bytes or for JSON', { hint: 'name a file, or leave --json out' })
    const bytes =
      file === '-'
        ? await readObject(app, request, this.signal, (piece) => this.out(piece))
        : await this.busy('bringing it out', () =>
            withPartialFile(file, (write) => readObject(app, request, this.signal, write)),
          )
    if (file !== '-') this.note(`got ${args.path}: ${bytesText(bytes)}`)
    return { path: args.path, file, bytes }
  }

  protected override text(): string {
    return ''
  }
}
