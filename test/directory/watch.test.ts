import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { FolderWatch } from '../../src/endpoints/directory/watch.js'
import { emptyFolder, makeFile, run } from './folders.js'

/** Watches a folder; `heard` settles once that path was told since it was last asked. */
function watched(root: string) {
  const told = new Set<string>()
  let wake: () => void = () => undefined
  const watch = new FolderWatch(root, {
    changed: (at) => {
      told.add(at)
      wake()
    },
    failed: (error) => {
      throw error
    },
  })
  onTestFinished(() => watch.close())
  const heard = async (at: string): Promise<void> => {
    while (!told.has(at))
      await new Promise<void>((resolve) => {
        wake = resolve
      })
    told.delete(at)
  }
  return { watch, told, heard }
}

test('files are told when they come, change and go', async () => {
  const root = emptyFolder()
  makeFile(root, 'a/b/f')
  const { watch, heard } = watched(root)
  expect(watch.folders).toBe(3)
  writeFileSync(path.join(root, 'a/b/f'), 'more')
  await heard('a/b/f')
  rmSync(path.join(root, 'a/b/f'))
  await heard('a/b/f')
  writeFileSync(path.join(root, 'top'), '')
  await heard('top')
})

test('a tree that is moved in, or made at once, is watched to its leaves, and one that left is not', async () => {
  const [root, beside] = [emptyFolder(), emptyFolder()]
  makeFile(beside, 'tree/sub/deep/f')
  const { watch, heard } = watched(root)
  renameSync(path.join(beside, 'tree'), path.join(root, 'tree'))
  await heard('tree')
  writeFileSync(path.join(root, 'tree/sub/deep/f'), 'changed')
  await heard('tree/sub/deep/f')
  mkdirSync(path.join(root, '1/2/3/4'), { recursive: true })
  await heard('1')
  writeFileSync(path.join(root, '1/2/3/4/f'), '')
  await heard('1/2/3/4/f')
  renameSync(path.join(root, 'tree'), path.join(root, 'wood'))
  await heard('wood')
  writeFileSync(path.join(root, 'wood/sub/deep/f'), 'again')
  await heard('wood/sub/deep/f')
  expect(watch.folders).toBe(8)
  renameSync(path.join(root, 'wood'), path.join(beside, 'tree'))
  await heard('wood')
  expect(watch.folders).toBe(5)
})

test('a folder in the place of another is watched in its turn', async () => {
  const root = emptyFolder()
  makeFile(root, 'd/old/f')
  const { heard } = watched(root)
  renameSync(path.join(root, 'd'), path.join(root, 'before'))
  makeFile(root, 'd/new/f')
  await heard('d')
  await heard('before')
  writeFileSync(path.join(root, 'd/new/f'), 'x')
  await heard('d/new/f')
})

test('what efs writes for itself is not told', async () => {
  const root = emptyFolder()
  const { told, heard } = watched(root)
  writeFileSync(path.join(root, '.efs-1-0123456789abcdef.partial'), 'x')
  writeFileSync(path.join(root, 'f'), 'x')
  await heard('f')
  expect([...told].filter((at) => at.includes('.efs-'))).toEqual([])
})

test.each([
  ['max_inotify_watches', '5', 'fs.inotify.max_user_watches'],
  ['max_inotify_instances', '0', 'fs.inotify.max_user_instances'],
])('where the system gives no more, it is said what to raise: %s', (limit, value, sysctl) => {
  const root = emptyFolder()
  for (let i = 0; i < 10; i++) makeFile(root, `d${i}/f`)
  const script = new URL('watch-script.js', import.meta.url).pathname
  const said: unknown = JSON.parse(run('unshare', '-Ur', process.execPath, script, root, limit, value))
  expect(said).toMatchObject({ code: 'IO', hint: expect.stringContaining(sysctl) })
})
