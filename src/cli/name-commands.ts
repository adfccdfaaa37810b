import type { Command } from '@oclif/core/command'
import { boolean, string } from '@oclif/core/flags'
import {
  createName,
  deleteName,
  listNames,
  type NameChanged,
  type NameCreated,
  type NameDeleted,
  setName,
  showName,
} from '../app/names.js'
import { shortGuid } from '../model/ids.js'
import type { NameKind } from '../model/name-space.js'
import { kindOfName, lastPart, NAME_FORMS, NAME_KINDS } from '../model/names.js'
import { keptOnly, parseSettings } from '../model/settings-text.js'
import { EfsCommand } from './base-command.js'
import { required } from './flags.js'
import { shortHome } from './home.js'
import { type NameDocument, nameDocument, nameRows } from './name-rows.js'
import { rowsText } from './rows.js'
import { SETTINGS_FLAGS } from './settings-flags.js'

// The three kinds of name have the same five commands; these make the classes that `commands/` exports.

const nameArg = (kind: NameKind) => required(NAME_FORMS[kind].form)

const exampleOf = (kind: NameKind, verb: string, more = ''): string =>
  `<%= config.bin %> ${kind} ${verb} ${NAME_FORMS[kind].example}${more}`

export function createCommand(kind: NameKind, setting: string): typeof Command {
  return class CreateName extends EfsCommand<NameCreated> {
    static override summary = `make a ${kind}`
    static override examples = [exampleOf(kind, 'create'), exampleOf(kind, 'create', ` ${setting}`)]
    static override args = { name: nameArg(kind) }
    static override flags = {
      ...SETTINGS_FLAGS[kind],
      parents: boolean({ summary: 'make what is missing above it too' }),
    }

    async work(): Promise<NameCreated> {
      const { args, flags } = await this.parse(CreateName)
      const change = parseSettings(flags)
      const made = await createName(this.app(flags), kind, args.name, change, flags)
      this.note(createdText(made))
      for (const line of keptOnly(kind, change)) this.note(line)
      return made
    }

    text(): string {
      return ''
    }
  }
}

export function listCommand(kind: NameKind): typeof Command {
  const above = NAME_KINDS[NAME_KINDS.indexOf(kind) - 1]
  const args: Record<string, ReturnType<typeof nameArg>> = above === undefined ? {} : { parent: nameArg(above) }
  return class ListNames extends EfsCommand<{ readonly names: string[] }> {
    static override summary = `list the ${kind}s${above === undefined ? '' : ` of a ${above}`}`
    static override examples = [
      `<%= config.bin %> ${kind} list${above === undefined ? '' : ` ${NAME_FORMS[above].example}`}`,
    ]
    static override args = args
    static override flags = {
      name: string({ char: 'n', summary: 'only names that start so', helpValue: 'PREFIX', default: '' }),
    }

    async work(): Promise<{ readonly names: string[] }> {
      const { args, flags } = await this.parse(ListNames)
      return { names: await listNames(this.app(flags), kind, args.parent ?? '', flags.name) }
    }

    text({ names }: { readonly names: string[] }): string {
      return names.map((name) => `${name}\n`).join('')
    }
  }
}

export function showCommand(kind: NameKind): typeof Command {
  const more = kind === 'bucket' ? ', what is in it and its digests' : ''
  return class ShowName extends EfsCommand<NameDocument> {
    static override summary = `show the settings of a ${kind}${more}`
    static override examples = [exampleOf(kind, 'show')]
    static override args = { name: nameArg(kind) }

    async work(): Promise<NameDocument> {
      const { args, flags } = await this.parse(ShowName)
      return nameDocument(await showName(this.app(flags), kind, args.name))
    }

    text(document: NameDocument): string {
      return rowsText(nameRows(document))
    }
  }
}

export function setCommand(kind: NameKind, setting: string): typeof Command {
  return class SetName extends EfsCommand<NameChanged> {
    static override summary = `change the settings of a ${kind}`
    static override description = 'A value of - takes a setting away, so that it is inherited again.'
    static override examples = [exampleOf(kind, 'set', ` ${setting}`)]
    static override args = { name: nameArg(kind) }
    static override flags = SETTINGS_FLAGS[kind]

    async work(): Promise<NameChanged> {
      const { args, flags } = await this.parse(SetName)
      const change = parseSettings(flags)
      const result = await setName(this.app(flags), kind, args.name, change)
      this.note(result.changed ? `changed ${kind} ${result.path}` : `${kind} ${result.path} has these settings already`)
      for (const line of keptOnly(kind, change)) this.note(line)
      return result
    }

    text(): string {
      return ''
    }
  }
}

export function deleteCommand(kind: NameKind): typeof Command {
  return class DeleteName extends EfsCommand<NameDeleted> {
    static override summary = `delete a ${kind} that has nothing in it`
    static override examples = [exampleOf(kind, 'delete')]
    static override args = { name: nameArg(kind) }

    async work(): Promise<NameDeleted> {
      const { args, flags } = await this.parse(DeleteName)
      const result = await deleteName(this.app(flags), kind, args.name)
      this.note(`deleted ${result.path}`)
      return result
    }

    text(): string {
      return ''
    }
  }
}

/** What was made besides the name itself, or the name. */
function createdText({ kind, path, parents, segment }: NameCreated): string {
  const parts = parents.map((parent) => `${kindOfName(parent)} ${lastPart(parent)}`)
  if (segment) parts.unshift(`segment ${shortGuid(segment.guid)} in ${shortHome(segment.home)}`)
  return `created ${parts.length > 0 ? parts.join(', ') : `${kind} ${path}`}`
}
