import { LIMITS } from '../../base/limits.js'
import { CELL_BYTES, DIGEST_CELLS } from '../../format/digest.js'
import {
  bytes,
  flag,
  hex,
  key,
  list,
  maybe,
  oneOf,
  type Shape,
  struct,
  type TypeOf,
  text,
  whole,
} from '../../format/shape.js'
import type { BucketUid, SegmentGuid } from '../../model/ids.js'
import { NAME_KINDS } from '../../model/names.js'
import { doneList, results } from './publishing.js'
import * as value from './values.js'

/** The versions of the protocol that this efs speaks. */
export const SPOKEN = { from: 1, to: 1 } as const

const nothing = struct({})
const guid = hex<SegmentGuid>(16)
const spoken = struct({ from: whole, to: whole })
const rows = list(value.versionRef, LIMITS.linkRowsMax)
const someRefs = list(value.versionRef, LIMITS.parcelObjectsMax)

const named = struct({ kind: oneOf(NAME_KINDS), path: value.path, uid: hex<BucketUid>(16) })

/** A bucket by its name, and by what it was when it was opened: one that was deleted and made anew is another. */
const bucket = struct({ path: value.path, uid: hex<BucketUid>(16) })
export type BucketRef = TypeOf<typeof bucket>

export const failure = struct({ code: text(64), message: value.words, hint: maybe(value.words) })
export type Failure = TypeOf<typeof failure>

/** How it stands with one bucket of a long poll. */
const news = struct({
  /** `page`: what follows is meant; `plan`: that position means nothing here; `sent`: this side sends it by itself. */
  kind: oneOf(['page', 'plan', 'sent', 'failed']),
  rows: maybe(rows),
  upTo: maybe(value.position),
  more: maybe(flag),
  failure: maybe(failure),
})
export type News = TypeOf<typeof news>

/** One kind of request, with its answer. */
export interface Op<Q, A> {
  readonly name: string
  readonly request: Shape<Q>
  readonly answer: Shape<A>
}

const op = <Q, A>(name: string, request: Shape<Q>, answer: Shape<A>): Op<Q, A> => ({ name, request, answer })

/** Every request there is, with its answer: docs/link-protocol.md in code. */
export const OPS = {
  hello: op(
    'hello',
    struct({ spoken, segment: guid, agent: value.shortText }),
    struct({
      version: whole,
      segment: guid,
      session: hex<string>(16),
      grants: value.grants,
      agent: value.shortText,
      /** A session without a request for so long ends. */
      idleMs: whole,
      /** What the clock there says, milliseconds since 1970. */
      nowMs: maybe(whole),
    }),
  ),
  pair: op(
    'pair',
    /** A token that was spent may be spent again with the same nonce, so that an answer that is lost costs nothing. */
    struct({ spoken, segment: guid, nonce: maybe(hex<string>(32)) }),
    struct({ segment: guid, token: value.shortText, grants: value.grants }),
  ),
  leave: op('leave', nothing, nothing),
  names: op('names', struct({ path: value.path }), struct({ names: list(named, LIMITS.linkNamesMax) })),
  make: op('make', struct({ path: value.path, settings: value.settings, parents: flag }), struct({ name: named })),
  open: op(
    'open',
    struct({ path: value.path, need: oneOf(['list', 'read', 'write']) }),
    struct({
      label: value.words,
      uid: hex<BucketUid>(16),
      chunking: oneOf(['fastcdc', 'fixed']),
      chunkBytes: value.chunkBytes,
      compress: flag,
    }),
  ),
  list: op(
    'list',
    struct({
      bucket,
      after: maybe(key),
      prefix: maybe(text(LIMITS.keyBytesMax)),
      deleted: flag,
      atMs: maybe(whole),
    }),
    struct({ rows, more: flag, parked: list(value.parked, LIMITS.linkRowsMax) }),
  ),
  /** The answer may be for the first of them only. */
  versions: op(
    'versions',
    struct({ bucket, refs: someRefs }),
    struct({ manifests: list(bytes(LIMITS.manifestBytesMax), LIMITS.parcelObjectsMax) }),
  ),
  /** The answer may be for the first of them only; the chunks follow it. */
  fetch: op('fetch', struct({ bucket, refs: value.chunkRefs }), nothing),
  missing: op('missing', struct({ bucket, refs: value.chunkRefs }), struct({ missing: value.bits })),
  lacking: op('lacking', struct({ bucket, refs: someRefs }), struct({ lacking: value.bits })),
  /** The chunks follow the request. */
  put: op('put', struct({ bucket }), nothing),
  publish: op('publish', struct({ bucket, done: doneList, overwrite: flag }), struct({ results })),
  take: op('take', struct({ bucket, done: doneList, move: maybe(value.move) }), struct({ results })),
  checkpoint: op(
    'checkpoint',
    struct({ bucket, name: value.shortText }),
    struct({ checkpoint: maybe(value.checkpoint) }),
  ),
  retries: op(
    'retries',
    struct({ bucket, name: value.shortText, after: maybe(key) }),
    struct({ retries: list(value.retry, LIMITS.parcelObjectsMax) }),
  ),
  position: op('position', struct({ bucket }), struct({ position: value.position })),
  changes: op(
    'changes',
    struct({
      buckets: list(struct({ bucket, since: value.position }), LIMITS.linkBucketsMax),
      without: guid,
      waitMs: whole,
    }),
    /** One for each bucket, in order. */
    struct({ news: list(news, LIMITS.linkBucketsMax) }),
  ),
  tips: op(
    'tips',
    struct({ bucket, keys: list(key, LIMITS.parcelObjectsMax) }),
    struct({ rows: list(value.versionRef, LIMITS.missingRefsMax) }),
  ),
  digest: op(
    'digest',
    struct({ bucket, cells: maybe(oneOf(['content', 'full'])), glance: maybe(flag) }),
    struct({
      objects: whole,
      bytes: whole,
      content: hex<string>(32),
      full: hex<string>(32),
      cells: maybe(bytes(DIGEST_CELLS * CELL_BYTES)),
      damage: maybe(value.words),
    }),
  ),
} as const

export type OpName = keyof typeof OPS
/** Those by which somebody comes in; all others are of a session. */
export type Knock = 'hello' | 'pair'

export const isOp = (name: string): name is OpName => Object.hasOwn(OPS, name)
export const isKnock = (op: OpName): op is Knock => op === 'hello' || op === 'pair'

export const OP_PATH = '/efs/1/'
export const SESSION_HEADER = 'efs-session'
export const BODY_TYPE = 'application/x-efs'
/** The HTTP status for a session that is not known (any more): say hello and ask again. */
export const NO_SESSION = 401
