import { execFileSync } from 'node:child_process'

/** Programs that a test runs, each as `PROGRAM=PACKAGE`: Debian's packages are installed where they are missing. */
export function have(...programs: readonly string[]): void {
  execFileSync('test/tools/have', programs, { stdio: ['ignore', 'ignore', 'inherit'] })
}
