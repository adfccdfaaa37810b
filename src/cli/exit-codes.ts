/** What scripts may rely on; the same words stand in docs/cli.md. */
export const EXIT_CODES: readonly (readonly [code: number, means: string])[] = [
  [0, 'done; for verify: equal'],
  [1, 'failed, not equal, not healthy, a home of a newer format'],
  [2, 'usage, bad key, same segment'],
  [3, 'not found: segment, name, object, folder'],
  [4, 'partly done: what failed is listed'],
  [5, 'conflict, a name that exists already, a side that moved on'],
  [6, 'a guard stopped it: too many deletes, not empty, still served'],
  [7, 'peer unreachable'],
  [8, 'refused: credentials, rights, a home on a network disk'],
  [9, 'corrupt data found'],
  [10, 'timed out waiting'],
  [130, 'interrupted'],
]
