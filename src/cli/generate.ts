import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core/config'
import { manualPages } from './man.js'

// Part of the build: `node dist/src/cli/generate.js` writes what is read at every start instead of all commands.
// With `--man` it also writes the manual pages, which are kept with the sources and compared by a test.

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
writeFileSync(path.join(ROOT, 'oclif.manifest.json'), `${JSON.stringify(plugin.manifest, null, 2)}\n`)
if (process.argv.includes('--man')) {
  for (const [name, page] of manualPages(Object.values(plugin.manifest.commands), plugin.topics.map(described)))
    writeFileSync(path.join(ROOT, 'man', name), page)
}

function described({ name, description = '' }: { name: string; description?: string | undefined }) {
  return { name, description }
}
