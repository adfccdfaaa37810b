// What a step of a document says and ends with. A command with no lines below may say anything. Where lines are shown they
// are all that it says, but for `…`.

import type { Step } from './blocks.js'

/** What a step is to end with: an error is shown as one, and `echo $?` behind it tells which. */
export const mayFail = ({ shown }: Step, next: Step | undefined): 'yes' | 'must' | 'no' =>
  next?.command === 'echo $?' ? 'yes' : shown.some((line) => /^(?:efs:|✖)/.test(line)) ? 'must' : 'no'

/**
 * Whether that is what was shown. Of a number, a size, a time, an id only counts that there is one, since all of them
 * are others each time; `…` stands for any text, alone in a line for any lines.
 */
export function isShown(shown: readonly string[], said: readonly string[]): boolean {
  const pattern = shown.map((line) => (line.trim() === '…' ? '(?:.*\\n)*' : `${escaped(line)}\\n`)).join('')
  return new RegExp(`^${pattern}$`).test(said.map((line) => `${loose(line)}\n`).join(''))
}

const escaped = (line: string): string =>
  loose(line)
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('…', '.*')

const loose = (line: string): string =>
  line
    .replace(IDS, 'ID')
    .replace(/digest( [0-9a-f]{4})+/, 'digest ID')
    .replace(/\d[\d,]*(?:\.\d+)?/g, '#')
    .replace(/# (?:B|KiB|MiB|GiB)\b/g, 'SIZE')
    .replace(/# (?:ms|s|min|seconds?|minutes?)\b/g, 'TIME')
    .replace(/ +/g, ' ')
    .trim()

/** A line of pairing, a segment, a version, a hash. */
const IDS = /ccows:\/\/pair:\S+|\b[0-9A-F]{4}-[0-9A-F]{4}\b|\b(?:[0-9a-f]{16,}|(?=\d*[a-f])[0-9a-f]{8,15})\b/g

/** What was shown of ids, with what stands for it this time; shown and said are as `isShown` wants them. */
export function idsOf(shown: readonly string[], said: readonly string[]): [shown: string, real: string][] {
  const theirs = shown.join('\n').match(IDS) ?? []
  const ours = said.join('\n').match(IDS) ?? []
  return theirs.length === ours.length ? theirs.map((id, at) => [id, ours[at] ?? id]) : []
}
