import type { Database, RangeOptions, Transaction } from 'lmdb'
import { storeError } from '../store-error.js'

type Db = Database<Buffer, Buffer>
export type Snapshot = Transaction

export interface Row {
  readonly key: Buffer
  readonly value: Buffer
}

/** One table of an index. What LMDB says is thrown in words, as `storeError` has them. */
export class Table {
  readonly #db: Db
  readonly #home: string

  constructor(db: Db, home: string) {
    this.#db = db
    this.#home = home
  }

  get(key: Buffer, options?: { readonly transaction: Snapshot }): Buffer | undefined {
    return this.#ask((db) => db.get(key, options))
  }

  /** As `get`, in memory that the next read overwrites. */
  getBinaryFast(key: Buffer): Buffer | undefined {
    return this.#ask((db) => db.getBinaryFast(key))
  }

  doesExist(key: Buffer): boolean {
    return this.#ask((db) => db.doesExist(key))
  }

  rows(range: RangeOptions): Row[] {
    return this.#ask((db) => [...db.getRange(range)])
  }

  keys(range: RangeOptions): Buffer[] {
    return this.#ask((db) => [...db.getKeys(range)])
  }

  /** How many rows it has. */
  get count(): number {
    const { entryCount = 0 }: { entryCount?: number } = this.#ask((db) => db.getStats())
    return entryCount
  }

  /** In a transaction. */
  putSync(key: Buffer, value: Buffer): void {
    this.#ask((db) => db.putSync(key, value))
  }

  /** In a transaction. */
  removeSync(key: Buffer): void {
    this.#ask((db) => db.removeSync(key))
  }

  #ask<T>(question: (db: Db) => T): T {
    try {
      return question(this.#db)
    } catch (error) {
      throw storeError(error, this.#home)
    }
  }
}
