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
} from '../../app/system/names.js'
import { countOf } from '../../base/counts.js'
import { shortGuid } from '../../model/ids.js'
import type { NameKind } from '../../model/name-space.js'
import { kindOfName, lastPart, NAME_FORMS, NAME_KINDS } from '../../model/names.js'
import { keptOnly, parseSettings } from '../../model/settings-text.js'
import { required } from '../flags/flags.js'
import { SETTINGS_FLAGS } from '../flags/settings.js'
import { shortHome } from '../settings/home.js'
import { type NameDocument, nameDocument, nameRows } from '../text/name-rows.js'
import { rowsText } from '../text/rows.js'
import { usageText } from '../text/usage.js'
import { EfsCommand } from './base.js'
import { taughtOf } from './name-help.js'

// The three kinds of name have the same five commands; these make the classes that `commands/` exports.

const nameArg = (kind: NameKind) => required(NAME_FORMS[kind].form)

export function createCommand(kind: NameKind): typeof Command {
  const taught = taughtOf(kind, 'create')
  return class CreateName extends EfsCommand<NameCreated> {
    static override summary = `make a ${kind}`
    static override description = taught.description
    static override examples = [...taught.examples]
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
  const taught = taughtOf(kind, 'list')
  const above = NAME_KINDS[NAME_KINDS.indexOf(kind) - 1]
  const args: Record<string, ReturnType<typeof nameArg>> = above === undefined ? {} : { parent: nameArg(above) }
  return class ListNames extends EfsCommand<{ readonly names: string[] }> {
    static override summary = `list the ${kind}s${above === undefined ? '' : ` of a ${above}`}`
    static override description = taught.description
    static override examples = [...taught.examples]
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

const BYTES_FLAG = { bytes: boolean({ summary: 'look where its bytes are, however long that takes', default: false }) }

export function showCommand(kind: NameKind): typeof Command {
  const taught = taughtOf(kind, 'show')
  const more = kind === 'bucket' ? ', what is in it and its digests' : ''
  return class ShowName extends EfsCommand<NameDocument> {
    static override summary = `show the settings of a ${kind}${more}`
    static override description = taught.description
    static override examples = [...taught.examples]
    static override args = { name: nameArg(kind) }
    static override flags: Readonly<Record<string, ReturnType<typeof boolean>>> = kind === 'bucket' ? BYTES_FLAG : {}

    async work(): Promise<NameDocument> {
      const { args, flags } = await this.parse(ShowName)
      const how = { bytes: flags.bytes === true, signal: this.signal }
      const show = () => showName(this.app(flags), kind, args.name, how)
      const document = nameDocument(await this.busy('looking where its bytes are', show))
      if (document.usage === null) this.note(`efs bucket show ${args.name} --bytes looks where its bytes are`)
      return document
    }

    text(document: NameDocument): string {
      const { usage } = document
      return `${rowsText(nameRows(document))}${usage ? usageText(usage, this.page) : ''}`
    }
  }
}

export function setCommand(kind: NameKind): typeof Command {
  const taught = taughtOf(kind, 'set')
  return class SetName extends EfsCommand<NameChanged> {
    static override summary = `change the settings of a ${kind}`
    static override description = taught.description
    static override examples = [...taught.examples]
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
  const taught = taughtOf(kind, 'delete')
  return class DeleteName extends EfsCommand<NameDeleted> {
    static override summary = `delete a ${kind} that has nothing in it`
    static override description = taught.description
    static override examples = [...taught.examples]
    static override args = { name: nameArg(kind) }

    async work(): Promise<NameDeleted> {
      const { args, flags } = await this.parse(DeleteName)
      const result = await deleteName(this.app(flags), kind, args.name)
      this.note(`deleted ${result.path}`)
      const { versions } = result
      if (versions > 0) this.note(`gone with it: ${countOf(versions, 'version')} of what had been deleted in it`)
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
