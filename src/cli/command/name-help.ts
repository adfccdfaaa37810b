import type { NameKind } from '../../model/name-space.js'

interface Taught {
  /** A paragraph. */
  readonly description: string
  /** What stands behind `efs KIND VERB`. */
  readonly examples: readonly string[]
}

type Verb = 'create' | 'list' | 'show' | 'set' | 'delete'

const SETTING =
  'What is not given is inherited from above. A value of - takes a setting away, so that it is inherited again.'
const SHOWING = 'Each setting says where it comes from: from here, from a name above, or the default.'

/** What the help of the commands of names tells, beside their summaries. */
export const NAME_HELP: Readonly<Record<NameKind, Readonly<Record<Verb, Taught>>>> = {
  cluster: {
    create: {
      description:
        'Where the home does not exist yet, or is empty, the segment is made too. Settings hold for all below it.',
      examples: ['Hawaii', 'Maui --options owner=maui'],
    },
    list: { description: 'One name a line, in the order of their bytes.', examples: ['', '--name Ha'] },
    show: { description: SHOWING, examples: ['Hawaii', 'Hawaii --json'] },
    set: { description: SETTING, examples: ['Hawaii --options owner=hawaii', 'Hawaii --options owner=-'] },
    delete: {
      description: 'Its tenants are to be deleted first (exit 6): nothing goes with it by accident.',
      examples: ['Maui', 'Hawaii --quiet'],
    },
  },
  tenant: {
    create: {
      description:
        'In a segment that has no cluster yet its cluster is made too, and said; afterwards only with --parents.',
      examples: ['Hawaii/Cola', 'Hawaii/Pepsi --number-of-versions 30'],
    },
    list: {
      description: 'One name a line, its last part alone, in the order of their bytes.',
      examples: ['Hawaii', 'Hawaii --name Co'],
    },
    show: { description: SHOWING, examples: ['Hawaii/Cola', 'Hawaii/Cola --json'] },
    set: {
      description: SETTING,
      examples: ['Hawaii/Cola --number-of-versions 30', 'Hawaii/Cola --number-of-versions -'],
    },
    delete: {
      description: 'Its buckets are to be deleted first (exit 6): nothing goes with it by accident.',
      examples: ['Hawaii/Pepsi', 'Hawaii/Cola --quiet'],
    },
  },
  bucket: {
    create: {
      description:
        'In a segment that has no cluster yet, what stands above it is made too, the segment as well, and said; afterwards only with --parents, so that a mistyped name is noticed.',
      examples: ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2 --chunk-size 1M --number-of-versions 30'],
    },
    list: {
      description: 'One name a line, its last part alone, in the order of their bytes.',
      examples: ['Hawaii/Cola', 'Hawaii/Cola --name bk'],
    },
    show: {
      description: `${SHOWING} Two buckets with one digest have the same content, wherever they are.`,
      examples: ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk1 --bytes'],
    },
    set: {
      description: `${SETTING} What is about content holds for new content: what is there stays as it was cut.`,
      examples: ['Hawaii/Cola/bk1 --number-of-versions 30 --quota 100G', 'Hawaii/Cola/bk1 --quota -'],
    },
    delete: {
      description:
        'Its objects are to be deleted first, and services detached (exit 6). A bucket that is deleted here stays as it is at every peer.',
      examples: ['Hawaii/Cola/bk1', 'Hawaii/Cola/bk2 --quiet'],
    },
  },
}

/** What a command of names has for its help. */
export const taughtOf = (kind: NameKind, verb: Verb): Taught => {
  const { description, examples } = NAME_HELP[kind][verb]
  return { description, examples: examples.map((rest) => `<%= config.bin %> ${kind} ${verb} ${rest}`.trim()) }
}
