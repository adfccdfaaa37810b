import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import type { Command } from '@oclif/core/command'
import type { Config } from '@oclif/core/config'

type CommandClass = (new (argv: string[], config: Config) => Command) & Pick<typeof Command, 'flags' | 'baseFlags'>

const require = createRequire(import.meta.url)

/** The commands of the program, by id. Each is a file of its own, so that running one needs no list of all. */
export const COMMANDS = {
  has: (id: string): boolean => /^[a-z]+(?:[:-][a-z]+)*$/.test(id) && existsSync(fileOf(id)),
  load: (id: string): CommandClass => require(fileOf(id)).default,
}

const fileOf = (id: string): string =>
  fileURLToPath(new URL(`../../../dist/program/commands/${id.replaceAll(':', '/')}.js`, import.meta.url))
