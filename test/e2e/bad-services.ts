import { writeFileSync } from 'node:fs'
import type { Ended, World } from './world.js'

/** One row of the table of bad input in docs/errors.md, by its first column. */
export interface Row {
  readonly what: string
  readonly exit: number
  /** The first line on stderr. */
  readonly says: RegExp
  run(world: World): Ended
}

/** A service that sends, and one command to it. */
function withService(world: World, ...words: string[]): Ended {
  world.efs('service', 'create', 'isgw', 'hawaii', '--direction', 'send')
  return world.efs(...words)
}

const config = (world: World, ...words: string[]): Ended => withService(world, 'service', 'config', 'hawaii', ...words)

export const SERVICE_ROWS: readonly Row[] = [
  {
    what: 'an unknown type of service',
    exit: 2,
    says: /^efs: no service type "isfw"$/,
    run: (w) => w.efs('service', 'create', 'isfw', 'hawaii'),
  },
  {
    what: 'an unknown key of a service',
    exit: 2,
    says: /^efs: no key X-ISGW-Directon for a service of type isgw$/,
    run: (w) => config(w, 'X-ISGW-Directon', '3'),
  },
  {
    what: 'a value that a key does not take',
    exit: 2,
    says: /^efs: X-ISGW-Direction does not take "recieve"$/,
    run: (w) => config(w, 'X-ISGW-Direction', 'recieve'),
  },
  {
    what: 'a secret on the command line',
    exit: 2,
    says: /^efs: X-ISGW-Basic-Auth is a secret: on a command line others could read it$/,
    run: (w) => config(w, 'X-ISGW-Basic-Auth', 'test123:test123'),
  },
  {
    what: 'a password in an address',
    exit: 2,
    says: /^efs: an address holds no password: others could read it$/,
    run: (w) => config(w, 'X-ISGW-Remote', 'ccow://test123:test123@10.3.32.240:14000'),
  },
  {
    what: 'a service that exists',
    exit: 5,
    says: /^efs: service hawaii exists already$/,
    run: (w) => withService(w, 'service', 'create', 'isgw', 'hawaii'),
  },
  {
    what: 'no such service',
    exit: 3,
    says: /^efs: no service hawai$/,
    run: (w) => withService(w, 'service', 'show', 'hawai'),
  },
  {
    what: 'a bucket that a service cannot send',
    exit: 3,
    says: /^efs: no bucket Hawaii\/Cola\/bk2$/,
    run: (w) => withService(w, 'bucket', 'attach', 'Hawaii/Cola/bk2', 'hawaii'),
  },
  {
    what: 'two buckets for one place',
    exit: 5,
    says: /^efs: Hawaii\/Cola\/bk1 is where hawaii has Hawaii\/Cola\/bk1 already$/,
    run: (w) => {
      withService(w, 'bucket', 'attach', 'Hawaii/Cola/bk1', 'hawaii')
      w.efs('bucket', 'create', 'Hawaii/Cola/bk2')
      return w.efs('bucket', 'attach', 'Hawaii/Cola/bk2', 'hawaii', '--as', 'Hawaii/Cola/bk1')
    },
  },
  {
    what: 'a service that still serves',
    exit: 6,
    says: /^efs: service hawaii still serves Hawaii\/Cola\/bk1$/,
    run: (w) => {
      withService(w, 'bucket', 'attach', 'Hawaii/Cola/bk1', 'hawaii')
      return w.efs('service', 'delete', 'hawaii')
    },
  },
  {
    what: 'a service that is enabled',
    exit: 6,
    says: /^efs: service hawaii is enabled$/,
    run: (w) => {
      config(w, 'X-Status', 'enabled')
      return w.efs('service', 'delete', 'hawaii')
    },
  },
  {
    what: 'a second gateway of one segment',
    exit: 5,
    says: /^efs: a gateway runs for this segment already \(pid \d+\)$/,
    run: (w) => {
      w.efs('gateway', 'start')
      return w.efs('gateway', 'run')
    },
  },
  {
    what: 'a gateway that cannot start',
    exit: 1,
    says: /^efs: the gateway ended at once: \S.*stats/,
    run: (w) => {
      w.write('home/stats', 'no folder')
      return w.efs('gateway', 'start')
    },
  },
  {
    what: 'a damaged definition of a service',
    exit: 9,
    says: /^efs: the definition of service hawaii is damaged \(services\/hawaii\.json\)$/,
    run: (w) => {
      withService(w)
      writeFileSync(w.at('home/services/hawaii.json'), '{"format":1')
      return w.efs('service', 'show', 'hawaii')
    },
  },
]
