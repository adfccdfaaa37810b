import type { EfsError } from '../../base/errors.js'
import { LIMITS } from '../../base/limits.js'
import type { CallOptions, Done, Slice } from '../../model/endpoint.js'
import type { ChunkId } from '../../model/ids.js'
import type { Content } from '../../model/manifest.js'
import { OVERLONG } from '../overlong.js'
import { isDenied, isUploadGone } from './faults.js'
import { type LargeTo, LargeWrite } from './large-write.js'

/** An object of which the bytes are here, or went up already. */
export interface Arrived {
  /** All bytes, where it is small enough to go in one request. */
  readonly bytes?: Buffer
  readonly large?: LargeWrite
  /** Why what came does not make it. */
  readonly fault?: string
  /** The server did not take what came. Its upload, where it is there, is left for another run to go on with. */
  readonly denied?: EfsError
  abort(options: CallOptions): Promise<void>
}

interface Coming {
  readonly content: Content
  bytes?: Buffer
  large?: LargeWrite
  fault?: string
  denied?: EfsError
}

/** The objects whose bytes come in: small ones are held, large ones go up as they come. */
export class Arrivals {
  readonly #to: LargeTo
  readonly #prefix: string
  readonly #coming = new Map<number, Coming>()

  constructor(to: LargeTo, prefix: string) {
    this.#to = to
    this.#prefix = prefix
  }

  /** `begun`: what an object begins with that is not sent as a whole. */
  begin({ object, key, content: given }: Done, begun?: Pick<Coming, 'large' | 'fault' | 'denied'>): void {
    const content = 'manifest' in given ? given.manifest : given
    if (content.kind !== 'file' || 'inline' in content.root) return
    const isLarge = begun === undefined && content.size > LIMITS.s3WholeBytesMax
    this.#coming.set(object, {
      content,
      ...begun,
      ...(isLarge && { large: new LargeWrite(this.#to, this.#prefix + key, content) }),
    })
  }

  /** Settles when the parts that became whole have been sent. */
  async write(slices: readonly Slice[], plains: ReadonlyMap<ChunkId, Uint8Array>, options: CallOptions): Promise<void> {
    const sent: Promise<void>[] = []
    for (const { object, offset, ref } of slices) {
      const coming = this.#coming.get(object)
      const bytes = plains.get(ref.id)
      if (coming === undefined || bytes === undefined) throw new Error('a slice came without its object or chunk')
      if (coming.denied !== undefined) continue
      if (offset + bytes.length > coming.content.size) coming.fault = OVERLONG
      else if (coming.large !== undefined) sent.push(orDenied(coming, coming.large.write(offset, bytes, options)))
      else {
        // What no slice writes is a hole.
        coming.bytes ??= Buffer.alloc(coming.content.size)
        coming.bytes.set(bytes, offset)
      }
    }
    await Promise.all(sent)
  }

  /** Hands out an object, which is forgotten here. */
  take({ object, content: given }: Done): Arrived {
    const coming = this.#coming.get(object)
    this.#coming.delete(object)
    const { root, size } = 'manifest' in given ? given.manifest : given
    const { large, fault, denied } = coming ?? {}
    if (denied !== undefined) return { denied, abort: async () => undefined }
    if (large !== undefined)
      return { large, ...(fault !== undefined && { fault }), abort: (options) => large.abort(options) }
    const abort = async (): Promise<void> => undefined
    if (fault !== undefined) return { fault, abort }
    return { bytes: 'inline' in root ? Buffer.from(root.inline) : (coming?.bytes ?? Buffer.alloc(size)), abort }
  }
}

async function orDenied(coming: Coming, sending: Promise<void>): Promise<void> {
  try {
    await sending
  } catch (error) {
    if (!isDenied(error) && !isUploadGone(error)) throw error
    coming.denied = error
  }
}
