import type { Row } from './bad-services.js'

/** What `conflict` is told wrong. */
export const CONFLICT_ROWS: readonly Row[] = [
  {
    what: 'no conflict at that path',
    exit: 3,
    says: /^efs: no conflict at Hawaii\/Cola\/bk1\/before$/,
    run: (w) => w.efs('conflict', 'show', 'Hawaii/Cola/bk1/before'),
  },
  {
    what: 'a pattern together with a key',
    exit: 2,
    says: /^efs: Hawaii\/Cola\/bk1\/before is one object$/,
    run: (w) => w.efs('conflict', 'resolve', 'Hawaii/Cola/bk1/before', '--keep', 'newer', '--match', '*'),
  },
]
