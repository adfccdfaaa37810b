import { readdir } from 'node:fs/promises'
import { systemCode } from '../base/errors.js'
import { readNumbers } from '../stats/files.js'
import type { App } from './app.js'
import { gatewayFiles } from './gateway/files.js'

export interface Outstanding {
  readonly objects: number
  readonly bytes: number
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
      objects: stats.reduce((sum, { behind }) => sum + behind.objects, 0),
      bytes: stats.reduce((sum, { behind }) => sum + behind.bytes, 0),
      why: errors.find((error) => typeof error?.nextTryMs === 'number')?.message ?? null,
    })
  }
  return {
    objects: all.reduce((sum, one) => sum + one.objects, 0),
    bytes: all.reduce((sum, one) => sum + one.bytes, 0),
    why: all.find(({ why }) => why !== null)?.why ?? null,
  }
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).flatMap((file) => /^(.*)\.json$/.exec(file)?.[1] ?? [])
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return []
    throw error
  }
}
