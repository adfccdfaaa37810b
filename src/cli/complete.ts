import { readFileSync } from 'node:fs'
import { type Catalogue, type Row, tableOf } from './completion/table.js'
import { type Asking, valuesOf } from './completion/values.js'
import { wantedOf } from './completion/words.js'
import { configOf } from './settings/config-folder.js'
import { homeOf, Settings } from './settings/settings.js'

/** Prints the candidates for the last of the words behind `efs`, one a line. */
export async function answer(words: readonly string[]): Promise<void> {
  const lines = await candidates(catalogue(), words, process.env)
  process.stdout.write(lines.map((line) => `${line}\n`).join(''))
}

export function catalogue(): Catalogue {
  const { commands } = json('oclif.manifest.json') as Pick<Catalogue, 'commands'>
  const { oclif } = json('package.json') as { readonly oclif: Pick<Catalogue, 'topics'> }
  return { commands, topics: oclif.topics }
}

const json = (name: string): unknown => JSON.parse(readFileSync(new URL(`../../../${name}`, import.meta.url), 'utf8'))

/** Each may have a tab and what it means behind it; `:files` and `:folders` are for the shell to complete. */
export async function candidates(all: Catalogue, words: readonly string[], env: NodeJS.ProcessEnv): Promise<string[]> {
  const { rows, what, home, front = '' } = wantedOf(tableOf(all), words)
  const typed = (words.at(-1) ?? '').slice(front.length)
  const config = configOf(env)
  const asking: Asking = {
    home: () => homeOf(new Settings(env, config), home),
    typed,
    credentials: async () => {
      const { fileCredentials } = await import('../app/credentials/credentials.js')
      return fileCredentials(config).names()
    },
  }
  return [...rows.map(lineOf), ...(await valuesOf(what, asking))]
    .filter((line) => line.startsWith(typed) || (line.startsWith(':') && typed !== ':'))
    .map((line) => (line.startsWith(':') ? line : `${front}${line}`))
    .sort()
}

const lineOf = ({ word, note }: Row): string => (note === '' ? word : `${word}\t${note}`)
