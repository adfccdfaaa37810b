import { readFileSync } from 'node:fs'
import { type Block, blocksOf } from './blocks.js'

interface Runs {
  readonly by: string
  readonly page: string
  readonly languages: readonly string[]
  /** Those below this heading alone. */
  readonly chapter?: string
}

/** Who runs the command lines of the documents. Each takes them from the document, so that a new line is run too. */
export const RUN_BY: readonly Runs[] = [
  { page: 'README.md', languages: ['console'], by: 'test/docs/pages.test.ts' },
  { page: 'README.md', languages: ['sh'], chapter: 'First success', by: 'test/tools/installs' },
  // What runs all tests cannot be run by one: a test compares the lines with what it does.
  { page: 'README.md', languages: ['sh'], chapter: 'From the sources', by: '.ci/run' },
  { page: 'docs/guide.md', languages: ['console', 'crontab', 'ini'], by: 'test/docs/pages.test.ts' },
  { page: 'docs/compare.md', languages: ['console'], by: 'test/docs/pages.test.ts' },
  { page: 'docs/ci.md', languages: ['sh'], by: 'test/e2e/ci-script.test.ts' },
  { page: 'docs/library.md', languages: ['js'], by: 'test/docs/library.test.ts' },
  { page: 'docs/deploy/README.md', languages: ['console'], chapter: 'With systemd', by: 'test/docs/deploy.test.ts' },
  { page: 'docs/deploy/README.md', languages: ['console'], chapter: 'In a container', by: 'test/docs/deploy.test.ts' },
]

const isOf =
  ({ languages, chapter }: Runs) =>
  (block: Block): boolean =>
    languages.includes(block.language) && (chapter === undefined || block.chapter === chapter)

/** The blocks of a page that this one runs, in one chapter or all. */
export function blocksFor(by: string, page: string, chapter?: string): Block[] {
  const own = RUN_BY.filter((runs) => runs.by === by && runs.page === page && runs.chapter === chapter)
  return blocksOf(readFileSync(page, 'utf8')).filter((block) => own.some((runs) => isOf(runs)(block)))
}

/** The blocks of a page that nobody runs. */
export const blocksForNobody = (page: string): Block[] =>
  blocksOf(readFileSync(page, 'utf8')).filter(
    (block) => !RUN_BY.some((runs) => runs.page === page && isOf(runs)(block)),
  )
