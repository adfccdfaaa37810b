import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'
import { late } from './late.js'

// The program as few files, of which a command reads those that it uses: finding, reading and linking three hundred small modules
// takes longer than most commands work. Each command stays a file of its own, and what commands share is in files beside `run.js`;
// all of those stand as deep below the root as the modules they come from, so that a path relative to a module means the same in both.

const ROOT = fileURLToPath(new URL('../', import.meta.url))
const COMMANDS = 'dist/commands'
/** Modules that are started by the name of their file. */
const STARTED = [
  'src/cli/run',
  'src/cli/complete',
  'src/endpoints/directory/worker',
  'src/endpoints/directory/walk-worker',
  'src/store/rebuild/old-index-script',
]

const commands = readdirSync(path.join(ROOT, COMMANDS), { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.js'))
  .map((file) => file.slice(0, -'.js'.length))

/** These bring native parts, or are needed by few commands and are large. */
const { dependencies } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
const OWN = ['@aws-sdk/client-s3', '@oclif/core', '@ipld/dag-cbor', 'cborg', 'string-width']
const external = Object.keys(dependencies)
  .filter((name) => !OWN.includes(name))
  .map((name) => new RegExp(`^${name}(/|$)`))

/** The command framework and what it brings: all bundled packages but those of the formats and of S3. Most is for help, so each module stays a file. */
const FRAMEWORK = /\/node_modules\/(?!@aws-|@smithy\/|@ipld\/|cborg\/|multiformats\/)/
const ownFile = (module) => module.split('/node_modules/').at(-1).replace(/\.js$/, '').replaceAll('/', '-')

const bundle = await rolldown({
  cwd: ROOT,
  platform: 'node',
  // Of modules only what is used comes along: of the SDK of S3 that is half.
  resolve: { mainFields: ['module', 'main'] },
  input: {
    ...Object.fromEntries(commands.map((name) => [`commands/${name}`, `${COMMANDS}/${name}.js`])),
    ...Object.fromEntries(STARTED.map((module) => [`lib/${path.basename(module)}`, `dist/${module}.js`])),
  },
  external,
  preserveEntrySignatures: 'allow-extension',
  plugins: [{ name: 'late', transform: { filter: { id: FRAMEWORK }, handler: late }, renderChunk: late }],
})
const { output } = await bundle.write({
  dir: path.join(ROOT, 'dist/program'),
  format: 'cjs',
  exports: 'named',
  entryFileNames: '[name].js',
  chunkFileNames: 'lib/[name].js',
  codeSplitting: {
    groups: [{ debugName: 'framework', name: ownFile, test: FRAMEWORK }],
    includeDependenciesRecursively: false,
  },
})
for (const { fileName, imports = [] } of output) {
  for (const name of imports.filter((each) => external.some((pattern) => pattern.test(each)))) {
    const { type, exports } = JSON.parse(readFileSync(path.join(ROOT, 'node_modules', name, 'package.json'), 'utf8'))
    if (type === 'module' && !JSON.stringify(exports).includes('"require"'))
      throw new Error(
        `${fileName}: ${name} has modules only, and is to be imported where it is used: await import('${name}')`,
      )
  }
}
writeFileSync(path.join(ROOT, 'dist/program/package.json'), '{"type":"commonjs"}\n')
await bundle.close()
