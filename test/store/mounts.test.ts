import { expect, test } from 'vitest'
import { networkOf } from '../../src/store/mounts.js'

/** As Linux writes it: optional fields of any number stand before the dash. */
const MOUNTS = String.raw`21 28 0:20 / /sys rw,nosuid shared:7 - sysfs sysfs rw
28 1 254:1 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 28 0:40 / /mnt/nas rw,relatime shared:2 master:3 - nfs4 nas:/export rw,vers=4.2
31 30 0:41 / /mnt/nas/local rw - xfs /dev/vdb rw
32 28 0:42 / /mnt/my\040share rw - cifs //nas/my\040share rw
33 28 0:43 / /home/u/cloud rw - fuse.sshfs u@host:/ rw
34 28 0:44 / /srv rw - nfs nas:/srv rw
35 28 0:45 / /srv rw - btrfs /dev/vdc rw
36 28 0:46 / /data rw - xfs /dev/vdd rw
37 28 0:47 / /data rw - ceph mon:/ rw
38 28 0:48 / /home/u/disk rw - fuse.ntfs-3g /dev/sdb1 rw
`

test.each([
  ['/home/u/.local/share/efs', undefined],
  ['/mnt/nas', 'nfs4'],
  ['/mnt/nas/a/b', 'nfs4'],
  ['/mnt/nas2/a', undefined],
  ['/mnt/nas/local/home', undefined],
  ['/mnt/my share/home', 'cifs'],
  ['/home/u/cloud/efs', 'fuse.sshfs'],
  ['/home/u/disk/efs', undefined],
  ['/srv/efs', undefined],
  ['/data/efs', 'ceph'],
  ['/', undefined],
])('%s is on a network file system: %s', (target, type) => {
  expect(networkOf(MOUNTS, target)).toBe(type)
})

test('a system that lists no mounts has none of a network', () => {
  expect(networkOf('', '/home')).toBeUndefined()
})
