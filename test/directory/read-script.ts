import { collect, listAll, parcelsOf } from './reading.js'

/** Prints what was read, and not, of the folder named by the first argument. */
const root = process.argv[2] ?? ''
const { objects, parked } = await collect(parcelsOf(root, (await listAll(root)).rows))
process.stdout.write(JSON.stringify({ keys: [...objects.keys()], parked }))
