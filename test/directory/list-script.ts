import { EfsError } from '../../src/base/errors.js'
import { listAll } from './reading.js'

/** Prints what a listing of the folder named by the first argument gives, or its error's code. */
try {
  const { rows, parked } = await listAll(process.argv[2] ?? '')
  process.stdout.write(JSON.stringify({ keys: rows.map(({ key }) => key), parked }))
} catch (error) {
  if (!(error instanceof EfsError)) throw error
  process.stdout.write(JSON.stringify({ code: error.code }))
}
