import { readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Plugin } from '@oclif/core/config'
import { manualPages } from './manual/pages.js'
import { lineAndMore } from './topics.js'

// Part of the build: `node dist/src/cli/generate.js` writes what is read at every start instead of all commands.
// With `--man` it also writes the manual pages and names them in `package.json` (npm links no folder of pages, only those that are named);
// both are kept with the sources and compared by a test.

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

const plugin = new Plugin({ root: ROOT, type: 'core', ignoreManifest: true, errorOnManifestCreate: true })
await plugin.load()
write('oclif.manifest.json', plugin.manifest)
if (process.argv.includes('--man')) {
  const topics = plugin.topics.map(({ name, description }) => ({ name, ...lineAndMore(description) }))
  const catalogue = { commands: Object.values(plugin.manifest.commands), topics, version: plugin.version }
  const pages = manualPages(catalogue, (file) => read(`docs/${file}`))
  for (const [name, page] of pages) writeFileSync(path.join(ROOT, 'man', name), page)
  write('package.json', {
    ...JSON.parse(read('package.json')),
    man: [...pages.keys()].sort().map((name) => `./man/${name}`),
  })
}

function read(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8')
}

function write(file: string, document: object): void {
  writeFileSync(path.join(ROOT, file), `${JSON.stringify(document, null, 2)}\n`)
}
