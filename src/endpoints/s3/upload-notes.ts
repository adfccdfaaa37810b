import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { ifThere } from '../../base/errors.js'
import { hashHex } from '../../base/hash.js'
import { fieldsOrNone, jsonOf } from '../../base/json-fields.js'
import { isOfOtherSpace, type ProcessIdentity, processOf, runsHere } from '../../store/process-identity.js'

/** An upload in parts that was begun here, so that a run after a kill goes on with it. */
export interface UploadNote {
  /** Where it goes, whoever asks. */
  readonly place: string
  readonly key: string
  readonly uploadId: string
  /** Of content, attributes and size of parts: what has another one is another upload. */
  readonly print: string
  /** When a run last went on with it. */
  readonly startedMs: number
  /** Whose it is. */
  readonly owner?: ProcessIdentity | undefined
}

/** Whether another process is known to be sending it at this moment. */
export const isTaken = ({ owner }: UploadNote): boolean =>
  owner !== undefined && owner.pid !== process.pid && runsHere(owner)

/** Whether one may be: of those of other containers nothing is known. */
export const mayBeTaken = (note: UploadNote): boolean =>
  isTaken(note) || (note.owner !== undefined && isOfOtherSpace(note.owner))

/** A folder with a small file for each upload that is not complete. Losing one costs sending an object again. */
export class UploadNotes {
  constructor(readonly folder: string) {}

  get(place: string, key: string): UploadNote | undefined {
    return this.#read(this.#at(place, key))
  }

  put(note: UploadNote): void {
    const at = this.#at(note.place, note.key)
    mkdirSync(this.folder, { recursive: true, mode: 0o700 })
    writeFileSync(`${at}.new`, JSON.stringify(note), { mode: 0o600 })
    renameSync(`${at}.new`, at)
  }

  /** Unless by now it is of another upload. */
  remove({ place, key, uploadId }: Pick<UploadNote, 'place' | 'key' | 'uploadId'>): void {
    if (this.get(place, key)?.uploadId === uploadId) rmSync(this.#at(place, key), { force: true })
  }

  /** All of one place. */
  of(place: string): UploadNote[] {
    const names = ifThere(() => readdirSync(this.folder)) ?? []
    return names.flatMap((name) => {
      const note = name.endsWith('.json') ? this.#read(path.join(this.folder, name)) : undefined
      return note?.place === place ? [note] : []
    })
  }

  #at(place: string, key: string): string {
    return path.join(this.folder, `${hashHex(Buffer.from(`${place}\0${key}`)).slice(0, 32)}.json`)
  }

  #read(at: string): UploadNote | undefined {
    // One that a crash cut is as good as none.
    return noteOf(jsonOf(ifThere(() => readFileSync(at, 'utf8')) ?? ''))
  }
}

function noteOf(value: unknown): UploadNote | undefined {
  const { place, key, uploadId, print, startedMs, owner } = fieldsOrNone(value)
  if (typeof place !== 'string' || typeof key !== 'string' || typeof uploadId !== 'string') return undefined
  if (typeof print !== 'string' || typeof startedMs !== 'number') return undefined
  return { place, key, uploadId, print, startedMs, owner: processOf(owner) }
}
