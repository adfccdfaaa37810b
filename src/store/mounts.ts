import { readFileSync, realpathSync } from 'node:fs'
import path from 'node:path'
import { EfsError, systemCode } from '../base/errors.js'

/** File systems of other machines: their locks, maps and syncs are not those that the index needs. */
const NETWORK = new Set(
  [
    '9p afs beegfs ceph cifs coda davfs gfs2 glusterfs gpfs lustre ncpfs nfs nfs4 ocfs2 orangefs smb3 smbfs vboxsf',
    'fuse.ceph fuse.ceph-fuse fuse.curlftpfs fuse.davfs fuse.davfs2 fuse.gcsfuse fuse.glusterfs fuse.juicefs fuse.mfs',
    'fuse.moosefs fuse.rclone fuse.s3fs fuse.s3ql fuse.seaweedfs fuse.sshfs fuse.vmhgfs-fuse',
  ].flatMap((names) => names.split(' ')),
)

/** @throws REFUSED where `home`, or the folder that it will be made in, is on a network file system */
export function assertLocal(home: string): void {
  const mounts = mountsHere()
  const type = mounts && networkOf(mounts, realOf(home))
  if (type === undefined) return
  throw new EfsError('REFUSED', `${home} is on ${type}: a segment needs a disk of this machine`, {
    hint: 'give a --home on a local disk; a folder on a network disk can be one side of efs sync',
  })
}

/** The type of the file system that `target` (absolute, no links in it) is on, where it is a network's. */
export function networkOf(mountinfo: string, target: string): string | undefined {
  const type = fileSystemOf(mountinfo, target)
  return type !== undefined && NETWORK.has(type) ? type : undefined
}

/** `mountinfo` as in proc(5): the longest mount point that holds `target`, and of equal ones the last, which covers the others. */
function fileSystemOf(mountinfo: string, target: string): string | undefined {
  let longest = -1
  let type: string | undefined
  for (const line of mountinfo.split('\n')) {
    const [before = '', after = ''] = line.split(' - ', 2)
    const point = pointOf(before)
    if (!holds(point, target) || point.length < longest) continue
    longest = point.length
    type = after.split(' ', 1)[0]
  }
  return type
}

/** The paths at which something is mounted, each as often as it is; none on systems that do not tell. */
export const mountPoints = (): string[] => (mountsHere() ?? '').split('\n').flatMap((line) => pointOf(line) || [])

/** Of one line of `mountinfo`; empty where it is none. */
const pointOf = (line: string): string => unescaped(line.split(' ')[4] ?? '')

const holds = (point: string, target: string): boolean =>
  target === point || (point !== '' && target.startsWith(point.endsWith('/') ? point : `${point}/`))

/** Blanks and backslashes stand there as octal digits of their bytes. */
const unescaped = (text: string): string =>
  text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))

/** Undefined on systems that have no such file. */
function mountsHere(): string | undefined {
  try {
    return readFileSync('/proc/self/mountinfo', 'utf8')
  } catch {
    return undefined
  }
}

/** Of what is not there yet: where the part of it that is there leads. */
function realOf(target: string): string {
  try {
    return realpathSync(target)
  } catch (error) {
    const above = path.dirname(target)
    if ((systemCode(error) !== 'ENOENT' && systemCode(error) !== 'ENOTDIR') || above === target) throw error
    return path.join(realOf(above), path.basename(target))
  }
}
