import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { hashHex, sumOf } from '../../src/base/hash.js'
import { contentEntry, digestCellOf } from '../../src/format/digest.js'
import { encodeFacts } from '../../src/format/facts.js'
import { encodeLog } from '../../src/format/log.js'
import { encodeManifest } from '../../src/format/manifest.js'
import { encodeNode } from '../../src/format/node.js'
import { encodePackHeader, encodeRecordHeaderInto, NO_ID, RECORD } from '../../src/format/pack.js'
import { encodePosition } from '../../src/format/position.js'
import { attributesHash } from '../../src/model/attributes.js'
import { CODEC } from '../../src/model/chunk.js'
import { bucketUid, type ContentHash, chunkId, journalId, segmentGuid } from '../../src/model/ids.js'
import { type Content, mint } from '../../src/model/manifest.js'

const HELLO = Buffer.from('hello')
const SEGMENT = segmentGuid('00112233445566778899aabbccddeeff')
const CONTENT: Content = {
  kind: 'file',
  size: HELLO.length,
  contentHash: hashHex(HELLO) as ContentHash,
  attributes: { mode: 0o644, mtimeNs: 1_700_000_000_123_456_789n },
  root: { inline: HELLO },
}
const { id, bytes: manifest } = encodeManifest(mint(CONTENT, [], SEGMENT, 1_700_000_000_000))

/** The fenced examples of the page, without their remarks and spaces. */
const examples = readFileSync('docs/format.md', 'utf8')
  .split('```')
  .filter((_, i) => i % 2 === 1)
  .map((block) => block.replaceAll(/^((?: ?\b[0-9a-f]+\b| {2,4}(?=[0-9a-f]))*).*$/gm, '$1').replaceAll(/\s/g, ''))

function record(): Buffer {
  const out = Buffer.alloc(48 + HELLO.length)
  const header = { type: RECORD.log, codec: CODEC.plain, storedBytes: 5, plainBytes: 5, id: NO_ID }
  encodeRecordHeaderInto(out, 0, header, sumOf(HELLO))
  HELLO.copy(out, 48)
  return out
}

function node(): Buffer {
  const child = chunkId('0a'.repeat(32))
  const leaf = (size: number) => ({ span: size, ref: { id: child, size, node: false } })
  return encodeNode(1, [leaf(5), { span: 2 ** 40 }, leaf(65_536)])
}

const UID = '0123456789abcdef0123456789abcdef'
const facts = encodeFacts({ packs: [{ pack: UID, rows: Buffer.alloc(0) }], published: [] }, [])

test.each<readonly [string, Uint8Array]>([
  ['pack header', encodePackHeader({ segment: SEGMENT, number: 7 })],
  ['record', record()],
  ['node', node()],
  ['manifest', manifest],
  ['log record', encodeLog({ kind: 'drop', uid: bucketUid(UID), before: 7 })],
  ['object of facts', facts.bytes],
  ['position', encodePosition({ journal: journalId(UID), epoch: 3, sequence: 2 ** 40 + 5 })],
  [
    'digest entries',
    Buffer.concat([contentEntry({ key: 'a/b', ...CONTENT }), Buffer.from(attributesHash(CONTENT.attributes), 'hex')]),
  ],
])('the example of a %s is what the code writes', (_, bytes) => {
  expect(examples).toContain(Buffer.from(bytes).toString('hex'))
})

test('the ids and the cell of the examples are right', () => {
  const page = readFileSync('docs/format.md', 'utf8')
  expect(page).toContain(`Its id is \`${id}\``)
  expect(page).toContain(`Its name is \`index/0/${facts.id}\``)
  expect(page).toContain(`falls in cell ${digestCellOf('a/b')}`)
})
