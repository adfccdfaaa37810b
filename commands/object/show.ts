import { string } from '@oclif/core/flags'
import { showObject } from '../../src/app/objects/objects.js'
import { EfsCommand } from '../../src/cli/command/base.js'
import { at, required } from '../../src/cli/flags/flags.js'
import { rowsText, spelled } from '../../src/cli/text/rows.js'
import { type VersionJson, versionJson } from '../../src/cli/text/versions.js'
import { shownOptions } from '../../src/model/options-text.js'

interface Shown extends VersionJson {
  readonly path: string
  readonly parents: readonly string[]
  readonly xattrs: readonly string[]
  /** ISO 8601, UTC: when the next collection deletes it. */
  readonly expires: string | null
  /** Its own, by `X-` and their names. */
  readonly options: Readonly<Record<string, string>>
}

export default class ObjectShow extends EfsCommand<Shown> {
  static override summary = 'what is known of an object'
  static override description =
    'Size, times, mode, content hash, version, and options of its own; of the head also when it expires. An older state is reached by --version or --at.'
  static override examples = [
    '<%= config.bin %> object show Hawaii/Cola/bk1/report.pdf',
    '<%= config.bin %> object show Hawaii/Cola/bk1/report.pdf --json',
  ]
  static override args = { path: required('Hawaii/Cola/bk1/any/key') }
  static override flags = {
    version: string({ helpValue: 'ID', summary: 'not the head but this version' }),
    at: at(),
  }

  protected override async work(): Promise<Shown> {
    const { args, flags } = await this.parse(ObjectShow)
    const shown = await showObject(this.app(flags), args.path, {
      ...(flags.version === undefined ? {} : { version: flags.version }),
      ...(flags.at === undefined ? {} : { atMs: flags.at }),
    })
    const { parents, attributes } = shown.version.manifest
    return {
      path: args.path,
      ...versionJson(shown),
      parents,
      xattrs: Object.keys(attributes.xattrs ?? {}),
      expires: shown.expiresMs === undefined ? null : new Date(shown.expiresMs).toISOString(),
      options: shownOptions(attributes.user ?? {}),
    }
  }

  protected override text({ parents, xattrs, conflict, options, ...shown }: Shown): string {
    const rows = { ...shown, parents: parents.join(' '), xattrs: xattrs.join(' '), conflict: conflict ? 'yes' : '' }
    const known = Object.entries(rows).flatMap(([field, value]) =>
      value === null || value === '' ? [] : [[spelled(field), value] as const],
    )
    return rowsText([...known, ...Object.entries(options)])
  }
}
