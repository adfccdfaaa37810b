import { readFileSync } from 'node:fs'

export interface Taught {
  readonly summary?: string
  readonly description?: string
  readonly examples?: readonly string[]
}

const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'))

const { commands } = json('oclif.manifest.json') as { commands: Record<string, Taught & { readonly id: string }> }
const { oclif } = json('package.json') as { oclif: { topics: Record<string, Taught> } }

/** What the help says of each command, by its words; `efs` is spelled out. */
export const COMMANDS = new Map(
  Object.values(commands).map(({ id, examples = [], ...rest }): [string, Taught & { examples: string[] }] => [
    id.replaceAll(':', ' '),
    { ...rest, examples: examples.map((example) => example.replaceAll('<%= config.bin %>', 'efs')) },
  ]),
)

export const TOPICS = new Map(Object.entries(oclif.topics))

/** Whether an example needs an S3 server. */
export const needsS3 = (example: string): boolean => example.includes('s3://') && !example.startsWith('efs credential')
