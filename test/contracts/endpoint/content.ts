import { expect } from 'vitest'
import type { Attributes } from '../../../src/model/manifest.js'
import { bring, contentsOf, type Given, MiB, plainXattrs, some } from './hands.js'
import type { Case } from './kind.js'

const LATE: Attributes = { mode: 0o1751, mtimeNs: 1_234_567_890_123_456_789n }
const EARLY: Attributes = { mode: 0o600, mtimeNs: -5_000_000_001n }

const twice = some(5, 200_000)
/** One of each that takes another way: in the manifest, one chunk, many, one chunk at two places, holes, more parts than one. */
const CONTENTS: Readonly<Record<string, Buffer>> = {
  empty: Buffer.alloc(0),
  tiny: Buffer.from('x'),
  'largest inline': some(1, 128),
  'one chunk': some(2, 129),
  'many chunks': some(3, MiB + 1),
  'compresses well': Buffer.from('all work and no play\n'.repeat(20_000)),
  'same twice': Buffer.concat([twice, Buffer.alloc(300_000), twice]),
  'only zeros': Buffer.alloc(3 * MiB),
  'zeros first': Buffer.concat([Buffer.alloc(MiB), some(6, 70_000)]),
  'zeros last': Buffer.concat([some(7, 70_000), Buffer.alloc(MiB)]),
  large: Buffer.concat([some(8, 5 * MiB), Buffer.alloc(10 * MiB), some(6 * MiB, 2 * MiB + 5)]),
}

const under = (folder: string, contents: typeof CONTENTS): Record<string, Given> =>
  Object.fromEntries(Object.entries(contents).map(([name, bytes]) => [`${folder}/${name}`, { bytes }]))

export const CONTENT: readonly Case[] = [
  {
    name: 'content of every kind and size comes back equal',
    async run(place) {
      await bring(under('of', CONTENTS), await place.open())
      const back = await contentsOf(await place.open())
      for (const [name, bytes] of Object.entries(CONTENTS)) {
        const one = back.get(`of/${name}`)
        expect(one?.kind, name).toBe('file')
        expect(one?.bytes.equals(bytes), name).toBe(true)
      }
    },
  },
  {
    name: 'mode and time come back, to the nanosecond and from before 1970',
    async run(place) {
      const bytes = some(1, 5000)
      await bring({ late: { bytes, attributes: LATE }, early: { attributes: EARLY } }, await place.open())
      const back = await contentsOf(await place.open())
      expect(back.get('late')?.attributes).toMatchObject(LATE)
      expect(back.get('early')?.attributes).toMatchObject(EARLY)
    },
  },
  {
    name: 'a link comes back as one, wherever it points',
    async run(place) {
      const links: Record<string, string> = { 'd/up': '../é \u{1F600}', nowhere: '/nowhere/at all' }
      const given = Object.entries(links).map(([key, target]): [string, Given] => [
        key,
        { kind: 'link', bytes: Buffer.from(target), attributes: { mtimeNs: 981_173_106_123_456_789n } },
      ])
      await bring(Object.fromEntries(given), await place.open())
      const back = await contentsOf(await place.open())
      for (const [key, target] of Object.entries(links)) {
        expect(back.get(key)).toMatchObject({ kind: 'link', attributes: { mtimeNs: 981_173_106_123_456_789n } })
        expect(back.get(key)?.bytes.toString()).toBe(target)
      }
    },
  },
  {
    name: 'a folder has its mode and time, though something came into it later',
    needs: 'folder times',
    async run(place) {
      const given = { 'f/': { attributes: { mode: 0o555, mtimeNs: 5n } }, 'f/in/': { attributes: EARLY }, 'f/in/x': {} }
      await bring(given, await place.open())
      const back = await contentsOf(await place.open())
      expect(back.get('f/')).toMatchObject({ kind: 'folder', attributes: { mode: 0o555, mtimeNs: 5n } })
      expect(back.get('f/in/')).toMatchObject({ kind: 'folder', attributes: EARLY })
    },
  },
  {
    name: 'extended attributes come back, of folders too, also those that are empty or long',
    needs: 'xattrs',
    async run(place) {
      const xattrs = { 'user.a': Buffer.from('1'), 'user.empty': Buffer.alloc(0), 'user.é': Buffer.alloc(300, 7) }
      const attributes = { mode: 0o755, mtimeNs: 5n, xattrs }
      await bring({ 'd/': { attributes }, 'd/f': { bytes: some(1, 300), attributes } }, await place.open())
      const back = await contentsOf(await place.open())
      for (const key of ['d/', 'd/f']) expect(plainXattrs(back.get(key)?.attributes ?? {})).toMatchObject(attributes)
    },
  },
  {
    name: "a user's own options come back",
    needs: 'options',
    async run(place) {
      const user = { 'Delete-After': '9', Größe: 'ü', 'Content-Type': 'text/html' }
      await bring({ f: { bytes: some(1, 300), attributes: { user } } }, await place.open())
      expect((await contentsOf(await place.open())).get('f')?.attributes.user).toEqual(user)
    },
  },
  {
    name: 'what S3 knows of an object comes back: its type and other headers, tags and metadata',
    needs: 'content type',
    async run(place) {
      const user = {
        'Content-Type': 'text/html',
        'Content-Encoding': 'gzip',
        'Content-Disposition': 'attachment; filename="a b"',
        'Content-Language': 'de',
        'Cache-Control': 'max-age=60',
        'amz-tagging': 'a=1&b=two%20words',
        'amz-meta-owner': 'me',
      }
      const attributes = { ...LATE, user }
      const given = {
        small: { bytes: some(1, 300), attributes },
        large: { bytes: Buffer.concat([some(2, 300), Buffer.alloc(16 * MiB)]), attributes },
      }
      await bring(given, await place.open())
      const back = await contentsOf(await place.open())
      for (const key of ['small', 'large']) expect(back.get(key)?.attributes).toMatchObject(attributes)
    },
  },
]
