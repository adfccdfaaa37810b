import { writeFileSync } from 'node:fs'
import { EfsError } from '../../src/base/errors.js'
import { FolderWatch } from '../../src/endpoints/directory/watch.js'

// Tells what is said of a folder that needs more watches than its user may have; in a user namespace, which has limits of its own.
const [, , root = '', limit = '', value = ''] = process.argv
writeFileSync(`/proc/sys/user/${limit}`, value)
try {
  new FolderWatch(root, { changed: () => undefined, failed: () => undefined }).close()
  process.stdout.write(JSON.stringify({}))
} catch (error) {
  if (!(error instanceof EfsError)) throw error
  const { code, message, hint } = error
  process.stdout.write(JSON.stringify({ code, message, hint }))
}
