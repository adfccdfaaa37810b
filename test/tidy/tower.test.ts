import { expect, test } from 'vitest'
import { importsOf, packagesOf, read, sourcesOf } from './sources.js'

/** Who may import what, besides itself: the table of docs/architecture.md. */
const MAY: Readonly<Record<string, readonly string[]>> = {
  'src/base': [],
  'src/model': ['src/base'],
  'src/chunker': ['src/base', 'src/model'],
  'src/format': ['src/base', 'src/model'],
  'src/transfer': ['src/base', 'src/model'],
  'src/stats': ['src/base', 'src/model'],
  'src/service': ['src/base', 'src/model'],
  'src/store': ['src/base', 'src/model', 'src/format'],
  'src/link': ['src/base', 'src/model', 'src/format'],
  'src/endpoints': ['src/base', 'src/model', 'src/chunker', 'src/format', 'src/store', 'src/link'],
  'src/app': [
    'src/base',
    'src/model',
    'src/store',
    'src/link',
    'src/transfer',
    'src/stats',
    'src/service',
    'src/endpoints',
  ],
  'src/cli': ['src/base', 'src/model', 'src/app'],
  commands: ['src/base', 'src/model', 'src/app', 'src/cli'],
  src: [
    'src/base',
    'src/model',
    'src/chunker',
    'src/format',
    'src/store',
    'src/link',
    'src/transfer',
    'src/stats',
    'src/service',
    'src/endpoints',
    'src/app',
  ],
}

/** Where a vendor's package lives; no other folder may know it. */
const HOMES: Readonly<Record<string, string>> = {
  lmdb: 'src/store',
  '@napi-rs/blake-hash': 'src/base',
  '@cloudpss/zstd/wasm': 'src/base',
  '@napi-rs/xattr': 'src/endpoints',
  '@aws-sdk/client-s3': 'src/endpoints/s3',
  koffi: 'src/endpoints',
  '@ipld/dag-cbor': 'src/format',
  cborg: 'src/format',
  got: 'src/link',
  '@peculiar/x509': 'src/link',
  pino: 'src/app',
  keytar: 'src/app/credentials',
  chalk: 'src/cli',
  'cli-table3': 'src/cli',
  'string-width': 'src/cli',
  ora: 'src/cli',
  marked: 'src/cli/manual',
}

const files = sourcesOf('src', 'commands')

function floorOf(file: string): string {
  const parts = file.split('/')
  if (parts[0] === 'commands') return 'commands'
  return parts.length === 2 ? 'src' : `src/${parts[1]}`
}

test('imports only go down the tower', () => {
  const broken = files.flatMap((file) => {
    const from = floorOf(file)
    const allowed = [from, ...(MAY[from] ?? [])]
    return importsOf(file)
      .filter((to) => !allowed.includes(floorOf(to)))
      .map((to) => `${file} imports ${to}`)
  })
  expect(broken).toEqual([])
  expect(files.every((file) => floorOf(file) in MAY)).toBe(true)
})

test('nobody inside imports the library face', () => {
  expect(files.filter((file) => importsOf(file).includes('src/index.ts'))).toEqual([])
})

test('no circles', () => {
  const done = new Set<string>()
  const circles: string[] = []
  const visit = (file: string, trail: readonly string[]): void => {
    if (trail.includes(file)) circles.push([...trail.slice(trail.indexOf(file)), file].join(' -> '))
    if (trail.includes(file) || done.has(file)) return
    for (const next of importsOf(file)) visit(next, [...trail, file])
    done.add(file)
  }
  for (const file of files) visit(file, [])
  expect(circles).toEqual([])
})

/** A home is a floor, or the files of one whose names begin so. */
const isAt = (file: string, home: string): boolean =>
  file.startsWith(`${home}/`) || file.startsWith(`${home}.`) || file.startsWith(`${home}-`)

test('every vendor package has one home', async () => {
  const strays: string[] = []
  for (const file of files) {
    for (const name of await packagesOf(file)) {
      const home = HOMES[name]
      if (home !== undefined && !isAt(file, home)) strays.push(`${file} imports ${name}`)
      if (home === undefined && !name.startsWith('@oclif/core'))
        strays.push(`${file} imports ${name}, which has no home in the table`)
      if (name.startsWith('@oclif/core') && !['commands', 'src/cli'].includes(floorOf(file)))
        strays.push(`${file} imports ${name}`)
    }
  }
  expect(strays).toEqual([])
})

test('only the top floors know the process, and only the clock knows the time', () => {
  const told = files.flatMap((file) => {
    if (floorOf(file) === 'src/cli' || floorOf(file) === 'commands') return []
    const text = read(file)
    const banned = [/process\.(env|argv|cwd|stdout|stderr|exit\b)/, /\bconsole\./]
    if (file !== 'src/base/clock.ts') banned.push(/\bDate\.now\(|new Date\(\)/)
    return banned.filter((pattern) => pattern.test(text)).map((pattern) => `${file}: ${pattern.source}`)
  })
  expect(told).toEqual([])
})
