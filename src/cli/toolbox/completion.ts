import { readdirSync, statSync } from 'node:fs'
import path from 'node:path'
import { ownFolder } from '../../base/own-folder.js'
import { candidates } from '../complete.js'
import type { Catalogue } from '../completion/table.js'
import { type Ends, NO_ENDS } from '../screen/typed-line.js'
import { type Given, withGiven } from './given.js'
import { isProgram, lineOf, quotedRest } from './words.js'

const OWN_WORDS = ['exit', 'quit']

/** How the last word of a line may end. */
export async function ends(
  { commands: { toolbox: _, ...commands }, topics }: Catalogue,
  line: string,
  given: Given,
  env: NodeJS.ProcessEnv,
): Promise<Ends> {
  const { words, open, isBetween, foreign } = lineOf(line, ownFolder())
  if (foreign !== undefined || open === '\\') return NO_ENDS
  const last = words.at(-1)
  const { text, from } = isBetween || last === undefined ? { text: '', from: line.length } : last
  const texts = [...words.map((word) => word.text), ...(isBetween ? [''] : [])]
  const typed = texts.length > 1 && isProgram(texts[0]) ? texts.slice(1) : texts
  const found = await candidates({ commands, topics }, withGiven(given, typed), env)
  const own = typed.length === 1 ? OWN_WORDS.filter((word) => word.startsWith(text)) : []
  const whole = [...found.flatMap((one) => valuesOf(one, text)), ...own]
  const replaced = line.slice(from)
  const written = whole.map((value) => `${replaced}${quotedRest(value.slice(text.length), open)}`)
  return [written.length === 1 ? written.map((word) => finished(word, open)) : written, replaced]
}

/** More may follow behind a slash. */
const finished = (word: string, open: string): string => (word.endsWith('/') ? word : `${word}${open} `)

/** A candidate of `efs --complete`, without what it means. */
function valuesOf(candidate: string, typed: string): string[] {
  if (candidate === ':files') return pathsOf(typed, () => true)
  if (candidate === ':folders') return pathsOf(typed, (name) => name.endsWith('/'))
  return [candidate.split('\t', 1)[0] ?? '']
}

/** What there is of files and folders, these with a slash behind them; hidden ones where the first dot is typed. */
function pathsOf(typed: string, isWanted: (name: string) => boolean): string[] {
  const front = typed.slice(0, typed.lastIndexOf('/') + 1)
  const begun = typed.slice(front.length)
  const folder = path.resolve(front)
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) return []
  return readdirSync(folder)
    .filter((name) => name.startsWith(begun) && (begun !== '' || !name.startsWith('.')))
    .map((name) => (isFolder(path.join(folder, name)) ? `${name}/` : name))
    .filter(isWanted)
    .map((name) => `${front}${name}`)
    .sort()
}

const isFolder = (file: string): boolean => statSync(file, { throwIfNoEntry: false })?.isDirectory() === true
