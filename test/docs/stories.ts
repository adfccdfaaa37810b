// The examples of the help, in an order in which they make sense: each topic is a story that is told in one home.

/** Another segment, whose GUID the examples call 21D0-55AE, comes by pairing. */
const PAIRED = `efs gateway pair --bucket Hawaii-r/Cola/bk1 --rights write --quiet > url
rm -rf /srv/guest && efs --home /srv/guest system init
efs --home /srv/guest service create isgw hawaii --remote - < url`

export interface Story {
  /** Commands whose examples are run, in this order. */
  readonly order: readonly string[]
  /** A shell script for before the first example of a command, or for before the one example that is spelled so. */
  readonly before?: Readonly<Record<string, string>>
}

/** What everybody has in the folder where the examples are typed, and has had: what is of this second is read again. */
export const FILES = `set -e
mkdir -p photos/2019 photos/2020 photos/cache empty
head -c 300000 /dev/urandom > photos/2019/a.raw
cp photos/2019/a.raw photos/2019/copy-of-a.raw
seq 20000 > photos/2020/b.txt
echo 1 > photos/notes.tmp; echo 2 > photos/cache/x
echo report > report.pdf; echo log > today.log; seq 1000 > disk.img; echo AKIA:key > keys
find . -exec touch -d yesterday {} +
set +e`

const FILLED =
  'efs bucket create Hawaii/Cola/bk1 && efs sync ./photos Hawaii/Cola/bk1 && efs bucket create Hawaii/Cola/bk2'
const SECRET = 'echo test123:test123 | efs service config'
/** The segment at 10.3.32.240. */
const PEER = `export EFS_HOME=/srv/peer
efs bucket create Hawaii-r/Cola/bk1 && efs bucket create Hawaii/Cola/bk1 --parents && efs bucket create Hawaii/Cola/bk2
efs service create isgw in --local 10.3.32.240:14000 && ${SECRET} in X-ISGW-Basic-Auth - && efs service enable in
unset EFS_HOME`
const SERVICE = `${PEER}
efs service create isgw hawaii --remote ccow://10.3.32.240:14000 && ${SECRET} hawaii X-ISGW-Basic-Auth -`
const BOTH_WRITE = `efs object put Hawaii/Cola/bk1/report.pdf ./report.pdf && efs service sync hawaii
echo here > report.pdf && efs object put Hawaii/Cola/bk1/report.pdf ./report.pdf
echo there > report.pdf && efs --home /srv/peer object put Hawaii/Cola/bk1/report.pdf ./report.pdf
efs service sync hawaii`

const verbs = (topic: string, words: string): string[] => words.split(' ').map((verb) => `${topic} ${verb}`)

export const STORIES: Readonly<Record<string, Story>> = {
  'what is there': {
    order: [
      'doctor',
      'explain',
      'completion',
      'system init',
      'system status',
      'system summary',
      'system check',
      'system gc',
      'system adopt',
      'toolbox',
    ],
    before: { toolbox: "echo 'system status' > nightly.efs && efs --home /srv/efs system init" },
  },
  names: {
    order: [
      ...verbs('cluster', 'create list show set'),
      ...verbs('tenant', 'create list show set delete'),
      'cluster delete',
    ],
  },
  buckets: {
    order: verbs('bucket', 'create list show set attach detach delete'),
    before: { 'bucket attach': SERVICE },
  },
  'places and settings': {
    order: [
      'endpoint check',
      'config set',
      'config get',
      'config list',
      'credential set',
      'credential list',
      'credential delete',
    ],
  },
  copying: {
    order: ['sync', 'verify', 'plan', 'apply', 'run list', 'run show', 'run undo'],
    before: {
      sync: `${FILLED.split(' && ')[0]} && efs --home /srv/other bucket create Hawaii/Cola/bk1`,
      plan: 'echo more > photos/more',
      'efs apply plan.json --bwlimit 10M':
        'echo 3 > photos/cache/y && efs plan ./photos Hawaii/Cola/bk1 --json > plan.json',
    },
  },
  objects: {
    order: verbs('object', 'put list show get versions clone restore move delete'),
    before: {
      'object put': `${FILLED}; efs object put Hawaii/Cola/bk1/disk.img disk.img`,
      'object restore': 'efs object delete Hawaii/Cola/bk1/report.pdf',
    },
  },
  services: {
    order: verbs('service', 'create list config serve show check sync enable disable unserve delete'),
    before: { 'service create': `${PEER}\n${FILLED}`, 'service show': `${SECRET} hawaii X-ISGW-Basic-Auth -` },
  },
  linked: {
    order: ['wait', 'why', 'conflict list', 'conflict show', 'conflict resolve'],
    before: {
      wait: `${FILLED}
${SERVICE}; efs bucket attach Hawaii/Cola/bk1 hawaii`,
      'efs wait hawaii': 'efs service enable hawaii',
      'conflict list': `efs gateway stop; ${BOTH_WRITE}`,
    },
  },
  gateway: {
    order: verbs('gateway', 'run start status pair peers unpair logs stop'),
    before: {
      'gateway run': 'efs bucket create Hawaii-r/Cola/bk1 && efs --home /srv/efs system init',
      'gateway peers': PAIRED,
      'efs gateway unpair 21D0': PAIRED,
      'gateway logs': 'efs service create isgw hawaii --remote ccow://10.3.32.241:14000 && efs service enable hawaii',
    },
  },
}

/** What an example reads from its terminal. */
export const TYPED: Readonly<Record<string, string>> = {
  'efs credential set s3://photos': 'AKIA:key',
  'efs credential set ccow://10.3.32.240:14000': 'test123:test123',
  'efs service config hawaii X-ISGW-Basic-Auth -': 'test123:test123',
}

/** What ends with something else than 0. */
export const EXITS: Readonly<Record<string, number>> = {}

/** What goes on until Ctrl-C, and what it ends with then. */
export const ENDLESS: Readonly<Record<string, number>> = {
  'efs gateway run': 0,
  'efs --home /srv/efs gateway run --json': 0,
  'efs gateway logs -f --service hawaii': 130,
  'efs service show hawaii -s --watch': 130,
}
