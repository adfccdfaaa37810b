import { rmSync } from 'node:fs'

// A file that was deleted from the sources must not live on as a command or a test.
for (const made of ['dist', 'oclif.manifest.json']) {
  rmSync(new URL(`../${made}`, import.meta.url), { recursive: true, force: true })
}
