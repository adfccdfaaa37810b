import { boolean } from '@oclif/core/flags'
import { deleteObject, expungeObject } from '../../src/app/objects/objects.js'
import { countOf } from '../../src/base/counts.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'

type Deleted = { readonly path: string } & (
  | { readonly status: 'deleted' }
  | { readonly status: 'expunged'; readonly versions: number }
)

export default class ObjectDelete extends EfsCommand<Deleted> {
  static override summary = 'delete an object; its versions stay and can be restored, unless it is expunged'
  static override description =
    'A delete is a version like any other: object restore takes it back, and peers get it too. --expunge takes all versions away, here and for good; the bytes go with the next system gc.'
  static override examples = [
    '<%= config.bin %> object delete Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> object delete Hawaii/Cola/bk1/report.pdf --expunge',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }
  static override flags = {
    expunge: boolean({ summary: 'remove all its versions for good, also of one that is deleted' }),
  }

  protected override async work(): Promise<Deleted> {
    const { args, flags } = await this.parse(ObjectDelete)
    const { path } = args
    if (flags.expunge) {
      const versions = await expungeObject(this.app(flags), path)
      this.note(`expunged ${path}: ${countOf(versions, 'version')}`)
      return { path, status: 'expunged', versions }
    }
    await deleteObject(this.app(flags), path)
    this.note(`deleted ${path}`)
    return { path, status: 'deleted' }
  }

  protected override text(): string {
    return ''
  }
}
