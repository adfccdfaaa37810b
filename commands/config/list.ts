import { EfsCommand } from '../../src/cli/command/base.js'
import { SETTING_KEYS, type SettingKey } from '../../src/cli/settings/rules.js'
import type { Setting } from '../../src/cli/settings/settings.js'

interface Listed {
  readonly file: string
  readonly settings: Readonly<Record<SettingKey, Setting>>
}

export default class ConfigList extends EfsCommand<Listed> {
  static override summary = 'list your settings, and where each comes from'
  static override description =
    'One line each: the value that counts, and the flag, variable or file that says so. What nobody has set is the default.'
  static override examples = ['<%= config.bin %> config list', '<%= config.bin %> config list --json']

  protected override async work(): Promise<Listed> {
    const { flags } = await this.parse(ConfigList)
    const typed: { readonly [key in SettingKey]?: string } = {
      ...(flags.home === undefined ? {} : { home: flags.home }),
      ...(flags['no-color'] ? { color: 'never' } : {}),
    }
    const found = SETTING_KEYS.map((key) => [key, this.settings.get(key, typed[key])] as const)
    return { file: this.settings.file, settings: Object.fromEntries(found) as Listed['settings'] }
  }

  protected override text({ settings }: Listed): string {
    return SETTING_KEYS.map((key) => `${key}: ${settings[key].value} (${settings[key].from})\n`).join('')
  }
}
