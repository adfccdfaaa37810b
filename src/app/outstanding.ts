import { readdir } from 'node:fs/promises'
import { unlessGone } from '../base/errors.js'
import type { BehindStats } from '../model/service.js'
import { sumBehind } from '../service/behind.js'
import { readNumbers } from '../stats/files.js'
import type { App } from './app.js'
import { gatewayFiles } from './gateway/files.js'

export interface Outstanding {
  readonly behind: BehindStats
  /** What fails now; null where nothing does. */
  readonly why: string | null
}

/** What the gateway says is behind, of one service or of all that it runs: from its numbers alone, so that it can be looked at each second. */
export async function outstanding({ home }: Pick<App, 'home'>, service: string | undefined): Promise<Outstanding> {
  const folder = gatewayFiles(home).stats
  const all: Outstanding[] = []
  for (const name of service === undefined ? await namesIn(folder) : [service]) {
    const { report, served } = await readNumbers(folder, name)
    if (report === null || report.state === 'stopped') continue
    const stats = [...served.values()]
    const errors = [report.lastError, ...stats.map(({ lastError }) => lastError)]
    all.push({
      behind: sumBehind(stats.map(({ behind }) => behind)),
      why: errors.find((error) => typeof error?.nextTryMs === 'number')?.message ?? null,
    })
  }
  return {
    behind: sumBehind(all.map(({ behind }) => behind)),
    why: all.find(({ why }) => why !== null)?.why ?? null,
  }
}

const namesIn = async (folder: string): Promise<string[]> =>
  ((await readdir(folder).catch(unlessGone)) ?? []).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? [])
