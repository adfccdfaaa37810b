import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { have } from './have.js'
import { World } from './world.js'

/** exFAT in user space: a real file system that folds case. */
function mountExfat(): string {
  have('mkfs.exfat=exfatprogs', 'mount.exfat-fuse=exfat-fuse')
  const dir = mkdtempSync(path.join(tmpdir(), 'efs-exfat-'))
  const [image, at] = [path.join(dir, 'image'), path.join(dir, 'at')]
  writeFileSync(image, '')
  truncateSync(image, 16 << 20)
  mkdirSync(at)
  execFileSync('mkfs.exfat', [image], { stdio: 'ignore' })
  const device = execFileSync('losetup', ['-f', '--show', image], { encoding: 'utf8' }).trim()
  execFileSync('mount.exfat-fuse', [device, at], { stdio: 'ignore' })
  onTestFinished(() => {
    execFileSync('umount', [at])
    execFileSync('losetup', ['-d', device])
    rmSync(dir, { recursive: true })
  })
  return at
}

test('keys that would be one file on a file system that folds case are parked and named', () => {
  const world = new World()
  const bucket = 'Hawaii/Cola/bk1'
  const keys = ['A', 'a', 'Dir/x', 'dir/y', 'plain', 'q?', 'end.']
  const at = mountExfat()
  expect(world.efs('bucket', 'create', bucket).status).toBe(0)
  for (const key of keys) {
    world.write('f', `this is ${key}`)
    expect(world.efs('object', 'put', `${bucket}/${key}`, 'f').status).toBe(0)
  }
  for (let run = 0; run < 2; run++) {
    const { status, stderr } = world.efs('sync', bucket, at, '--delete')
    expect(status).toBe(4)
    expect(stderr).toMatch(/left out a: it would be one file with A: this file system does not tell the names apart/)
    expect(stderr).toMatch(/left out dir\/y: dir\/: it would be one file with Dir/)
    expect(stderr).toMatch(/left out q\?: it cannot be written/)
    expect(readdirSync(at).sort()).toEqual(['A', 'Dir', 'end.', 'plain'])
    expect(world.run('cat', path.join(at, 'A'), path.join(at, 'Dir', 'x')).stdout).toBe('this is Athis is Dir/x')
  }
})
