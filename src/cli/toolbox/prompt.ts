import { segmentIn } from '../../app/live-names.js'

export const BANNER = `Welcome to the efs Toolbox.
Hint: type help or a command to begin, such as cluster list; Tab completes, exit leaves`

/** `home` may fail; `status` is what the last command ended with. */
export async function promptOf(home: () => string, status: number): Promise<string> {
  return `efs ${await segmentText(home)}${status === 0 ? '' : ` (${status})`}> `
}

/** What is wrong with a segment is for the commands to say. */
async function segmentText(home: () => string): Promise<string> {
  try {
    return (await segmentIn(home())) ?? '(no segment)'
  } catch {
    return '(?)'
  }
}
