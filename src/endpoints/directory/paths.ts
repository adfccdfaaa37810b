/** Where a key is. A folder's path has no `/` at its end, so that it never resolves a link. */
export const pathOf = (root: string, key: string): string =>
  `${root === '/' ? '' : root}/${key.endsWith('/') ? key.slice(0, -1) : key}`
