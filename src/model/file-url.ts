import { fileURLToPath } from 'node:url'

/**
 * The folder of `file:///DIR`.
 * @throws TypeError where it is on another machine or relative, or has a `?` or a `#`: from there on a URL is no path any more
 */
export function folderOfUrl(text: string): string {
  if (!/^file:\/\/(?:localhost)?\/[^?#]*$/.test(text)) throw new TypeError('not the URL of a folder here')
  return fileURLToPath(text)
}

/** What to write instead of what `folderOfUrl` refuses. */
export function folderUrlHint(text: string): string {
  const below = /^file:\/\/~(\/.*)?$/s.exec(text)
  return below === null
    ? 'write file:///DIR, with %3F and %23 for ? and #'
    : `~ is no folder in a URL: write "file://$HOME${below[1] ?? ''}"`
}
