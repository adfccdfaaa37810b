import { cp, mkdtemp, rm, utimes } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { Segment } from '../../src/model/segment.js'
import { readIndexRow, writeIndexRow } from '../../src/store/index/row.js'
import { openTables, transact } from '../../src/store/index/tables.js'
import { initSegment, openSegment } from '../../src/store/segment.js'
import { HandClock } from '../contracts/samples.js'
import { Site } from './site.js'

const OTHER_BOOT = 'ab'.repeat(16)
const LONG_AGO = new Date(1_700_000_000_000)

/** How a home is set back: by a copy in its place, by `rsync`, which leaves an equal segment.json alone, or with its whole disk. */
export type SetBackBy = 'copy' | 'rsync' | 'disk'

/** A site whose segment has a home on the disk: it can be closed, opened, and set back. Whoever makes it closes it. */
export class HomeSite {
  #kept = false

  private constructor(
    readonly dir: string,
    readonly clock: HandClock,
    public segment: Segment,
    public site: Site,
  ) {}

  static async make(): Promise<HomeSite> {
    const clock = new HandClock(1_700_000_000_000)
    const dir = await mkdtemp(path.join(tmpdir(), 'efs-live-'))
    await initSegment(path.join(dir, 'home'), { clock })
    const segment = await openSegment(path.join(dir, 'home'), { clock })
    return new HomeSite(dir, clock, segment, await Site.of(segment, clock))
  }

  async restart(): Promise<void> {
    await this.segment.close()
    await this.#open()
  }

  /** As after an outage: a new epoch begins. */
  async boot(): Promise<void> {
    await this.segment.close()
    await this.#noteOtherBoot()
    await this.#open()
  }

  /** What is there now can be come back to. */
  async keep(): Promise<void> {
    await this.segment.close()
    await rm(this.#path('kept'), { recursive: true, force: true })
    await cp(this.#path('home'), this.#path('kept'), { recursive: true })
    this.#kept = true
    await this.#open()
  }

  /** The home as it was when it was last kept. */
  async setBack(by: SetBackBy): Promise<void> {
    if (!this.#kept) return
    await this.segment.close()
    const [home, kept] = [this.#path('home'), this.#path('kept')]
    if (by === 'copy') {
      await rm(home, { recursive: true })
      await cp(kept, home, { recursive: true })
    } else await this.#setBackFiles(home, kept)
    // What sets back a disk does not show at all, until the machine boots.
    if (by === 'disk') await this.#noteOtherBoot()
    if (by === 'rsync') await utimes(path.join(home, 'index.mdb'), LONG_AGO, LONG_AGO)
    await this.#open()
    if (by !== 'copy') return
    await this.segment.adopt('moved')
    await this.restart()
  }

  async close(): Promise<void> {
    await this.segment.chunks.flush()
    const { damage } = await this.segment.check({ readData: true })
    await this.segment.close()
    await rm(this.dir, { recursive: true, force: true })
    if (damage.length > 0) throw new Error(`damage: ${JSON.stringify(damage)}`)
  }

  async #setBackFiles(home: string, kept: string): Promise<void> {
    for (const name of ['index.mdb', 'index.mdb-lock', 'packs'])
      await rm(path.join(home, name), { recursive: true, force: true })
    for (const name of ['index.mdb', 'packs'])
      await cp(path.join(kept, name), path.join(home, name), { recursive: true })
  }

  async #noteOtherBoot(): Promise<void> {
    const home = this.#path('home')
    const tables = openTables(home, path.join(home, 'index.mdb'))
    transact(tables, () => writeIndexRow(tables, { ...readIndexRow(tables), boot: OTHER_BOOT }))
    await tables.close()
  }

  async #open(): Promise<void> {
    this.clock.ms += 2000
    this.segment = await openSegment(this.#path('home'), { clock: this.clock })
    this.site = await Site.of(this.segment, this.clock)
  }

  #path(name: string): string {
    return path.join(this.dir, name)
  }
}
