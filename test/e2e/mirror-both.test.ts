import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { have } from './have.js'
import { eventually, Site } from './sites.js'

const BUCKET = 'Hawaii/Cola/bk1'

/** A bucket and the directory `d`, which a service keeps the same. */
async function mirrored(direction: string): Promise<Site> {
  const site = await Site.open()
  site.ok('bucket', 'create', BUCKET)
  mkdirSync(site.at('d'))
  site.ok('service', 'create', 'isgw', 'm', '--remote', `file://${site.at('d')}`, '--direction', direction)
  site.ok('bucket', 'attach', BUCKET, 'm')
  site.ok('service', 'config', 'm', 'X-Status', 'enabled')
  return site
}

const keysOf = (site: Site): string => site.ok('object', 'list', BUCKET).stdout

/** Bucket and directory hold the same. */
function expectSame(site: Site): void {
  site.ok('wait', 'm', '--timeout', '60s')
  const verified = site.efs('verify', BUCKET, './d')
  expect(verified, keysOf(site)).toMatchObject({ status: 0 })
}

test('a directory is taken in: an editor, mv of a tree, rsync and git, while the gateway runs', async () => {
  have('rsync=rsync', 'git=git')
  const site = await mirrored('receive')
  await site.startGateway()
  site.write('d/notes.txt', 'first')
  site.write('tree/a/b/deep.txt', 'deep')
  site.write('tree/top.txt', 'top')
  site.run('mv', 'tree', 'd/tree')
  expectSame(site)
  expect(keysOf(site)).toMatch(/notes\.txt\n.*tree\/a\/b\/deep\.txt\n.*tree\/top\.txt/)
  // In a tree that was moved in all is watched, too; an editor writes beside and renames.
  site.write('d/tree/a/b/.deep.swp', 'deeper')
  renameSync(site.at('d/tree/a/b/.deep.swp'), site.at('d/tree/a/b/deep.txt'))
  site.run('mv', 'd/tree', 'd/moved')
  expectSame(site)
  expect(site.ok('object', 'get', `${BUCKET}/moved/a/b/deep.txt`, '-').stdout).toBe('deeper')
  expect(keysOf(site)).not.toContain('tree/')
  // And back: folders that stand again are as old as they were.
  site.run('mv', 'd/moved', 'd/tree')
  expectSame(site)
  // A tool that replaces and removes many at once.
  for (let i = 0; i < 50; i++) site.write(`src/${i % 7}/f${i}`, `file ${i}`)
  site.run('rsync', '-a', 'src/', 'd/copy/')
  site.run('rm', '-r', 'src/3')
  site.write('src/4/f4', 'changed')
  site.run('rsync', '-a', '--delete', 'src/', 'd/copy/')
  expectSame(site)
  expect(keysOf(site)).not.toContain('copy/3/')
  git(site)
  expectSame(site)
  site.run('git', '-C', 'd/repo', 'checkout', '-q', 'other')
  expectSame(site)
  expect(site.ok('object', 'get', `${BUCKET}/repo/file`, '-').stdout).toBe('on the other branch')
  await site.endGateway()
})

function git(site: Site): void {
  const run = (...args: string[]): void => {
    const ended = site.run('git', '-C', 'd/repo', '-c', 'user.name=a', '-c', 'user.email=a@b', ...args)
    expect(ended, args.join(' ')).toMatchObject({ status: 0 })
  }
  mkdirSync(site.at('d/repo'))
  run('init', '-q', '-b', 'main')
  site.write('d/repo/file', 'on the first branch')
  site.write('d/repo/gone/in/other', 'x')
  run('add', '.')
  run('commit', '-qm', 'one')
  run('checkout', '-qb', 'other')
  site.write('d/repo/file', 'on the other branch')
  run('rm', '-qr', 'gone')
  run('commit', '-qam', 'two')
  run('checkout', '-q', 'main')
}

test('what was done while no gateway ran is found, deletes by the baseline alone', async () => {
  const site = await mirrored('receive')
  site.write('f', 'put')
  site.ok('object', 'put', `${BUCKET}/only/here`, 'f')
  site.write('d/a', 'a')
  site.write('d/gone', 'soon gone')
  site.write('d/tree/x', 'x')
  await site.startGateway()
  site.ok('wait', 'm')
  await site.endGateway()
  site.run('rm', 'd/gone')
  site.run('mv', 'd/tree', 'd/forest')
  site.write('d/a', 'another')
  await site.startGateway()
  site.ok('wait', 'm')
  expect(keysOf(site).match(/\S+$/gm)).toEqual(['a', 'forest/x', 'only/here'])
  expect(site.ok('object', 'get', `${BUCKET}/a`, '-').stdout).toBe('another')
  await site.endGateway()
})

test('both ways at once: changes, deletes and moves cross, and settle', async () => {
  const site = await mirrored('both')
  site.write('d/from/dir', 'one')
  site.write('f', 'two')
  site.ok('object', 'put', `${BUCKET}/from/bucket`, 'f')
  await site.startGateway()
  expectSame(site)
  expect(readFileSync(site.at('d/from/bucket'), 'utf8')).toBe('two')
  site.ok('object', 'delete', `${BUCKET}/from/dir`)
  site.run('rm', 'd/from/bucket')
  site.write('d/new', 'new')
  expectSame(site)
  expect(keysOf(site).match(/\S+$/gm)).toEqual(['new'])
  // Another name changes a file of which nobody tells; there is nothing to wait for.
  site.run('ln', 'd/new', 'another name')
  expectSame(site)
  site.run('rm', 'another name')
  // At rest nothing is written anew.
  const before = site.json('system', 'status')
  await delay(3000)
  expect(site.json('system', 'status')).toMatchObject({ segment: (before as { segment: unknown }).segment })
  await site.endGateway()
})

test('a directory that is gone, or empty all at once, deletes nothing', async () => {
  const site = await mirrored('both')
  const lastError = (): string => /Last error.*/.exec(site.ok('service', 'show', 'm', '-s').stdout)?.[0] ?? ''
  for (let i = 0; i < 5; i++) site.write(`d/f${i}`, `file ${i}`)
  await site.startGateway()
  expectSame(site)
  renameSync(site.at('d'), site.at('away'))
  await eventually(() => lastError().includes('is gone'))
  mkdirSync(site.at('d'))
  await eventually(() => lastError().includes('the source is empty and 5 objects would be deleted'))
  expect(keysOf(site).match(/\S+$/gm)).toHaveLength(5)
  site.run('rmdir', 'd')
  renameSync(site.at('away'), site.at('d'))
  writeFileSync(site.at('d/f9'), 'later')
  expectSame(site)
  expect(keysOf(site)).toContain('f9')
  await site.endGateway()
})

test('another directory in its place deletes nothing, until that is meant', async () => {
  const site = await mirrored('both')
  for (let i = 0; i < 5; i++) site.write(`d/f${i}`, `file ${i}`)
  await site.startGateway()
  expectSame(site)
  site.run('cp', '-a', 'd', 'older')
  site.run('rm', 'older/f4')
  site.write('older/new', 'only there')
  renameSync(site.at('d'), site.at('away'))
  renameSync(site.at('older'), site.at('d'))
  const lastError = (): string => /Last error.*/.exec(site.ok('service', 'show', 'm', '-s').stdout)?.[0] ?? ''
  await eventually(() => lastError().includes('another directory than before and 1 object would be deleted'))
  expect(keysOf(site)).toContain('f4')
  site.ok('service', 'sync', 'm', '--force')
  expect(keysOf(site)).not.toContain('f4')
  expect(keysOf(site)).toContain('new')
  expectSame(site)
  site.run('rm', 'd/f3')
  expectSame(site)
  expect(keysOf(site)).not.toContain('f3')
  await site.endGateway()
})
