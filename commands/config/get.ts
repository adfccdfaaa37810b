import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { SETTING_KEYS, type SettingKey, settingRule } from '../../src/cli/settings/rules.js'
import type { Setting } from '../../src/cli/settings/settings.js'

type Got = Setting & { readonly key: SettingKey }

export default class ConfigGet extends EfsCommand<Got> {
  static override summary = 'show the value of a setting that counts'
  static override description = 'A flag counts before the environment, that before the file, that before the default.'
  static override examples = ['<%= config.bin %> config get home', '<%= config.bin %> config get bwlimit --json']
  static override args = { key: required(SETTING_KEYS.join(', ')) }

  protected override async work(): Promise<Got> {
    const { args, flags } = await this.parse(ConfigGet)
    const { key } = settingRule(args.key)
    return { key, ...this.settings.get(key, key === 'home' ? flags.home : undefined) }
  }

  protected override text({ value }: Got): string {
    return `${value}\n`
  }
}
