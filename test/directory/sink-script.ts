import { listAll } from './reading.js'
import { deleted, file, folder, pages, sinkOf, told } from './sinking.js'

/** Changes what is in `closed/` of the folder named by the first argument, and prints what the sink answered. */
const root = process.argv[2] ?? ''
const sink = sinkOf(root)
const { rows } = await listAll(root)
const old = rows.find(({ key }) => key === 'closed/old')
const results = await sink.publish([file('closed/new'), folder('closed/inner/'), deleted('closed/old', old)], {
  overwrite: true,
})
const parked = await sink.finish(pages([folder('closed/', { mode: 0o555 })]))
process.stdout.write(JSON.stringify({ results: told(results), parked }))
