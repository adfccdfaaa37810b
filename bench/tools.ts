import path from 'node:path'

/** One program under measurement: how it takes a folder into a fresh target, and how it is set up for that. */
export interface Tool {
  readonly name: string
  /** Not timed. */
  setup(target: string): string[][]
  /** Timed. Run again on the same target it is the "nothing changed" job. */
  take(source: string, target: string): string[]
  readonly env: Readonly<Record<string, string>>
}

const efsJs = path.resolve('bin/efs.js')
export const BUCKET = 'Hawaii/Cola/bk1'

/** An efs command in a home. */
export const efsIn = (home: string, ...args: readonly string[]): string[] => [
  process.execPath,
  efsJs,
  '--home',
  home,
  ...args,
]

const quiet = { RESTIC_PASSWORD: 'bench', BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK: 'yes' }

const efs = (name: string, options: readonly string[]): Tool => ({
  name,
  env: {},
  setup: (target) => [efsIn(target, '--quiet', 'bucket', 'create', BUCKET, ...options)],
  take: (source, target) => efsIn(target, 'sync', source, BUCKET),
})

const restic = (name: string, options: readonly string[]): Tool => ({
  name,
  env: quiet,
  setup: (target) => [['restic', 'init', '--no-cache', '-q', '-r', target]],
  take: (source, target) => ['restic', 'backup', '-q', '--no-cache', ...options, '-r', target, source],
})

const borg = (name: string, compression: string): Tool => ({
  name,
  env: quiet,
  setup: (target) => [['borg', 'init', '--encryption=none', target]],
  take: (source, target) => ['borg', 'create', '--compression', compression, `${target}::{now:%H%M%S%f}`, source],
})

const rclone: Tool = {
  name: 'rclone copy',
  env: {},
  setup: () => [],
  take: (source, target) => ['rclone', 'copy', '--links', '--config', '/dev/null', source, target],
}

const rsync: Tool = {
  name: 'rsync -a',
  env: {},
  setup: (target) => [['mkdir', '-p', target]],
  take: (source, target) => ['rsync', '-a', `${source}/`, target],
}

export const TOOLS = {
  efs: efs('efs', []),
  efsPlain: efs('efs, compression off', ['-o', 'compression=off']),
  rclone,
  rsync,
  restic: restic('restic', []),
  resticPlain: restic('restic, compression off', ['--compression', 'off']),
  borg: borg('borg', 'zstd,1'),
  borgPlain: borg('borg, compression off', 'none'),
} as const satisfies Record<string, Tool>
