import { failedBy } from '../src/app/check/outcome.js'
import { examine } from '../src/app/doctor/doctor.js'
import { DOCTOR_TESTS } from '../src/app/doctor/finding.js'
import type { GlobalFlags } from '../src/cli/command/base.js'
import { CheckCommand } from '../src/cli/command/check.js'
import { version } from '../src/cli/run.js'
import { SETTING_KEYS } from '../src/cli/settings/rules.js'
import { notReached, passed } from '../src/model/finding.js'

export default class Doctor extends CheckCommand {
  static override summary = 'test this installation: runtime, native parts, keyring, home, space, clock, limits'
  static override description =
    'One line a test, and what to do where one fails. Nothing is changed, and no peer is asked: that is service check.'
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  /** Settings that are broken are a finding here. */
  protected override isPlain(): boolean {
    return this.argv.includes('--no-color') || (process.env.NO_COLOR ?? '') !== ''
  }

  protected override async work(): Promise<void> {
    const { flags } = await this.parse(Doctor)
    if (await this.settingsAreWell(flags)) await examine(this.app(flags), version(), this.tell)
    else for (const outcome of notReached(DOCTOR_TESTS)) await this.tell(outcome)
    await this.finish()
  }

  private async settingsAreWell({ home }: GlobalFlags): Promise<boolean> {
    try {
      const set = SETTING_KEYS.filter(
        (key) => this.settings.get(key, key === 'home' ? home : undefined).from !== 'default',
      )
      await this.tell(passed('settings', set.length === 0 ? 'none, the defaults count' : set.join(', ')))
      return true
    } catch (error) {
      await this.tell(failedBy('settings', error))
      return false
    }
  }
}
