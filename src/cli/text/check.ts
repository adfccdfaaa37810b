import type { Finding } from '../../model/finding.js'
import type { Screen } from '../screen/screen.js'

const NAME_WIDTH = 11

/** A line for what was tested; after a failure or warning, one that says what to do. */
export function outcomeText({ test, outcome, text, hint }: Finding, screen: Pick<Screen, 'yes' | 'no'>): string {
  const sign = { pass: screen.yes, warn: '!', fail: screen.no, skip: '-' }[outcome]
  const line = `${sign} ${test.padEnd(NAME_WIDTH)} ${text}\n`
  return hint === undefined ? line : `${line}   ${hint}\n`
}

/** Tests that were not reached, in one line. */
export const skippedText = (skipped: readonly Finding[]): string =>
  skipped.length === 0 ? '' : `- ${skipped.map(({ test }) => test).join(', ')}: ${skipped[0]?.text}\n`
