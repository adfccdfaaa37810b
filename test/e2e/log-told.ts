import type { App } from '../../src/app/app.js'
import { logLines } from '../../src/app/gateway/read-log.js'

/** What a gateway's log says with these words in it. */
export async function toldInLog(app: App, words: string): Promise<string[]> {
  const said: string[] = []
  for await (const { fields } of logLines(app, { lines: 100 })) said.push(fields?.msg ?? '')
  return said.filter((line) => line.includes(words))
}
