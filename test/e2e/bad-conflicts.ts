import type { Row } from './bad-services.js'

/** What `conflict` and `gateway unpair` are told wrong. */
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
  {
    what: 'no such peer',
    exit: 3,
    says: /^efs: no peer 21D0-55AE$/,
    run: (w) => w.efs('gateway', 'unpair', '21D0-55AE'),
  },
]
