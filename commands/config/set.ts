import { EfsCommand } from '../../src/cli/command/base.js'
import { required } from '../../src/cli/flags/flags.js'
import { SETTING_KEYS, type SettingKey, settingRule, settingValue } from '../../src/cli/settings/rules.js'
import type { Setting } from '../../src/cli/settings/settings.js'

type Changed = Setting & { readonly key: SettingKey; readonly changed: boolean }

const UNSET = '-'

export default class ConfigSet extends EfsCommand<Changed> {
  static override summary = 'set what counts where neither a flag nor the environment says otherwise'
  static override description =
    'It is kept in the file of your settings, for all segments. A value of - takes the setting away.'
  static override examples = [
    '<%= config.bin %> config set bwlimit 10M',
    '<%= config.bin %> config set home /srv/efs',
    '<%= config.bin %> config set bwlimit -',
  ]
  static override args = { key: required(SETTING_KEYS.join(', ')), value: required('what it is to be') }

  protected override async work(): Promise<Changed> {
    const { args } = await this.parse(ConfigSet)
    const rule = settingRule(args.key)
    const wanted = args.value === UNSET ? undefined : settingValue(rule, args.value)
    const { changed } = await this.settings.set(rule.key, wanted)
    const now = this.settings.get(rule.key)
    const already = changed ? '' : ' already'
    if (wanted === undefined) this.note(`${rule.key} is not set${already}: it is ${now.value} (${now.from})`)
    else {
      this.note(`${rule.key} is ${wanted}${already}`)
      if (now.from !== this.settings.file) this.note(`${now.from} counts before it here: ${now.value}`)
    }
    return { key: rule.key, ...now, changed }
  }

  protected override text(): string {
    return ''
  }
}
