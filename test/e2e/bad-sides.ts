import type { Row } from './bad-services.js'

/** Two sides between which nothing can be brought. */
export const SIDE_ROWS: readonly Row[] = [
  {
    what: 'two directories',
    exit: 2,
    says: /^efs: both sides are directories$/,
    run: (w) => w.efs('sync', './data', './other'),
  },
  {
    what: 'the same place twice',
    exit: 2,
    says: /^efs: both sides are the same$/,
    run: (w) => w.efs('sync', 'Hawaii/Cola/bk1', 'Hawaii/Cola/bk1'),
  },
  {
    what: 'a bucket into itself',
    exit: 2,
    says: /^efs: Hawaii\/Cola\/bk1\/old\/ is within Hawaii\/Cola\/bk1: each run would copy the copy too$/,
    run: (w) => w.efs('sync', 'Hawaii/Cola/bk1', 'Hawaii/Cola/bk1/old', '--dry-run'),
  },
]
