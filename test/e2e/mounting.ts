import { spawn } from 'node:child_process'
import { readlinkSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import type { World } from './world.js'

/** What runs commands where their mounts are seen by each other alone, and are gone when the test ends. For root. */
export async function ownMounts(): Promise<readonly string[]> {
  const keeper = spawn('unshare', ['--mount', 'sleep', 'infinity'], { stdio: 'ignore' })
  onTestFinished(() => {
    keeper.kill('SIGKILL')
  })
  while (readlinkSync(`/proc/${keeper.pid}/ns/mnt`) === readlinkSync('/proc/self/ns/mnt')) await delay(10)
  // Whoever enters stands at `/`, and a folder that was open before shows what is mounted outside. A world is at home in its folder.
  return ['nsenter', `--mount=/proc/${keeper.pid}/ns/mnt`, 'sh', '-c', 'cd && exec "$0" "$@"']
}

/** A new file system in memory with these files, mounted at a folder of the world. */
export function mount(world: World, at: string, files: Readonly<Record<string, string>>, size = '10m'): void {
  const script =
    'mount -t tmpfs -o "size=$1" none "$0" && shift && while [ $# -gt 0 ]; do mkdir -p "$(dirname "$1")" && printf %s "$2" > "$1" && shift 2; done'
  const named = Object.entries(files).flatMap(([name, text]) => [`${at}/${name}`, text])
  expect(world.run('sh', '-c', script, at, size, ...named)).toMatchObject({ status: 0 })
}

export const unmount = (world: World, at: string): void => expect(world.run('umount', at)).toMatchObject({ status: 0 })
