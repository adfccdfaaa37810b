import { Help } from '@oclif/core/help'
import type { TaughtTopic } from '../topics.js'

/** The framework's help, with examples of topics too. */
export class TeachingHelp extends Help {
  protected override formatTopic(topic: TaughtTopic): string {
    const { examples = [] } = topic
    const lines = examples.map((example) => `$ ${example}`).join('\n\n')
    return `${super.formatTopic(topic)}${examples.length > 0 ? `\n${this.section('EXAMPLES', lines)}\n` : ''}`
  }
}
