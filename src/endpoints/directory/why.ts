import { systemCode } from '../../base/errors.js'

const WORDS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EIO: 'the disk reports an error',
  ENOENT: 'it is gone',
  ENOTDIR: 'a part of its path is not a folder',
  EXDEV: 'another file system is mounted there, in whose top folder nothing can be written',
  ELOOP: 'it became a link',
  EROFS: 'the file system is read-only',
  ENAMETOOLONG: 'its name is too long here',
  EEXIST: 'something is in the way',
  ENOTEMPTY: 'the folder is not empty',
  EISDIR: 'a folder is in the way',
  EINVAL: 'this file system does not take it',
  ENOSYS: 'this file system has no such thing',
  EOPNOTSUPP: 'this file system has no such thing',
  EILSEQ: 'this file system does not take its name',
  EFBIG: 'it is too large for this file system',
  EBUSY: 'it is in use, or something is mounted there',
  EMFILE: 'too many files are open',
}

/** The reason of a failed call on a file, in words. */
export function why(error: unknown): string {
  const code = systemCode(error)
  if (code !== undefined) return WORDS[code] ?? code
  return error instanceof Error ? error.message : String(error)
}

/** Of a folder. */
export const notOpened = (error: unknown): string => `it cannot be opened: ${why(error)}`

/** Whether the right is lacking, or the system could not. */
export const refusalOf = (error: unknown): 'REFUSED' | 'IO' => (systemCode(error) === 'EACCES' ? 'REFUSED' : 'IO')
