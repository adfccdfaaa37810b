import fc from 'fast-check'
import type { MemoryBucket } from '../fakes/memory-bucket.js'
import type { MemoryFolder } from '../fakes/memory-folder.js'

export interface Leaf {
  readonly kind: 'file' | 'link' | 'folder'
  readonly bytes: Uint8Array
  readonly mode: number
  readonly mtimeNs: bigint
}

/** What stands under each key. A folder's key ends in `/`. */
export type Tree = ReadonlyMap<string, Leaf>

/** Few distinct pieces, so that chunks repeat within and between objects; zeros make holes. */
const pieces = [Buffer.alloc(16), Buffer.alloc(16, 'a'), Buffer.alloc(16, 'b'), Buffer.alloc(7, 'c')]
const content = fc
  .array(fc.constantFrom(...pieces), { maxLength: 24 })
  .map((parts) => new Uint8Array(Buffer.concat(parts)))

const leaf: fc.Arbitrary<Leaf> = fc.record({
  kind: fc.constantFrom('file', 'file', 'file', 'link', 'folder'),
  bytes: content,
  mode: fc.constantFrom(0o644, 0o755),
  mtimeNs: fc.bigInt({ min: -5n, max: 5n }),
})

const name = fc.constantFrom('a', 'b', 'a-', 'é', '😀', '\uE000')
const pathOf = fc.array(name, { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))
const anyLeaves = fc.array(fc.tuple(pathOf, leaf), { maxLength: 14 })

const FOLDER: Leaf = { kind: 'folder', bytes: new Uint8Array(), mode: 0o700, mtimeNs: 3n }

function placed(tree: Map<string, Leaf>, path: string, one: Leaf): void {
  if (one.kind === 'folder') tree.set(`${path}/`, { ...one, bytes: FOLDER.bytes })
  else tree.set(path, one.kind === 'link' ? { ...one, bytes: one.bytes.subarray(0, 40) } : one)
}

/** As a bucket may be: `a` beside `a/b`, and no folders but those that were made. */
export const bucketTree: fc.Arbitrary<Tree> = anyLeaves.map((leaves) => {
  const tree = new Map<string, Leaf>()
  for (const [path, one] of leaves) placed(tree, path, one)
  return tree
})

/** As a file system can be: one thing under a name, and every parent is a folder. */
export const folderTree: fc.Arbitrary<Tree> = anyLeaves.map((leaves) => {
  const tree = new Map<string, Leaf>()
  for (const [path, one] of leaves) {
    const parents = path
      .split('/')
      .slice(0, -1)
      .map((_, i, parts) => parts.slice(0, i + 1).join('/'))
    if (tree.has(path) || tree.has(`${path}/`) || parents.some((parent) => tree.has(parent))) continue
    for (const parent of parents) if (!tree.has(`${parent}/`)) tree.set(`${parent}/`, FOLDER)
    placed(tree, path, one)
  }
  return tree
})

/** A folder's own time is set last, as the things in it change it. */
export function plant(tree: Tree, place: MemoryBucket | MemoryFolder): void {
  const entries = [...tree]
  for (const [key, { kind, bytes, mode, mtimeNs }] of [
    ...entries.filter(([, one]) => one.kind !== 'folder'),
    ...entries.filter(([, one]) => one.kind === 'folder').sort(([a], [b]) => b.length - a.length),
  ]) {
    place.write(key, bytes, { mode, mtimeNs }, kind)
  }
}

const described = (kind: string, bytes: Uint8Array, mode?: number, mtimeNs?: bigint): string =>
  `${kind} ${mode} ${mtimeNs} ${Buffer.from(bytes).toString('hex')}`

export const treeContents = (tree: Tree): Record<string, string> =>
  Object.fromEntries([...tree].map(([key, one]) => [key, described(one.kind, one.bytes, one.mode, one.mtimeNs)]))

export const folderContents = ({ entries }: MemoryFolder): Record<string, string> =>
  Object.fromEntries(
    [...entries].map(([key, { kind, bytes, attributes }]) => [
      key,
      described(kind, bytes, attributes.mode, attributes.mtimeNs),
    ]),
  )

/** Of live heads, read through their trees, so that a missing chunk fails. */
export function bucketContents(bucket: MemoryBucket): Record<string, string> {
  const live = [...bucket.heads].filter(([, { manifest }]) => manifest.kind !== 'deleted')
  return Object.fromEntries(
    live.map(([key, { manifest }]) => [
      key,
      described(manifest.kind, bucket.bytesOf(manifest), manifest.attributes.mode, manifest.attributes.mtimeNs),
    ]),
  )
}
