import { mkdirSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { onTestFinished } from 'vitest'
import { type App, openApp } from '../../src/app/app.js'
import { listObjects } from '../../src/app/objects/list.js'
import { type SyncRequest, type SyncSummary, syncOnce } from '../../src/app/sync/sync.js'
import { createName } from '../../src/app/system/names.js'
import { newStats } from '../../src/app/watch.js'
import { OLD_S } from '../directory/folders.js'
import { folder, makeHome } from '../store/homes.js'

export const [A, B] = ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2'] as const

export type Asked = Partial<Omit<SyncRequest, 'from' | 'to' | 'policy'>> & { readonly deletes?: boolean }

/** A home with two buckets, beside folders, in this process. */
export class Site {
  readonly notes: string[] = []
  readonly app: App

  private constructor(readonly dir: string) {
    this.app = openApp({ home: this.at('home'), note: (line) => this.notes.push(line), config: this.at('config') })
  }

  static async begin(): Promise<Site> {
    const site = new Site(await folder())
    await makeHome(site.at('home'))
    await createName(site.app, 'bucket', B, {}, { parents: false })
    return site
  }

  at(...parts: string[]): string {
    return path.join(this.dir, ...parts)
  }

  write(...files: readonly (readonly [name: string, text: string])[]): void {
    for (const [name, text] of files) {
      mkdirSync(path.dirname(this.at(name)), { recursive: true })
      writeFileSync(this.at(name), text)
      // What was just made would count as changed in this second.
      utimesSync(this.at(name), OLD_S, OLD_S)
    }
  }

  request(from: string, to: string, { deletes = false, ...more }: Asked = {}): SyncRequest {
    return { from, to, policy: { deleteExtra: deletes, checksum: false }, guard: { force: true }, ...more }
  }

  sync(from: string, to: string, asked?: Asked): Promise<SyncSummary> {
    const watch = { stats: newStats(), settled: () => undefined, signal: never() }
    return syncOnce(this.app, this.request(from, to, asked), watch)
  }

  async keys(bucket: string): Promise<string[]> {
    const keys: string[] = []
    await listObjects(this.app, { path: bucket, deleted: false }, never(), async (page) => {
      keys.push(...page.map(({ key }) => key))
    })
    return keys
  }
}

export const never = (): AbortSignal => {
  const stop = new AbortController()
  onTestFinished(() => stop.abort())
  return stop.signal
}
